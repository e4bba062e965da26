// Pages that run what a visitor sends: the shape that all small web shells share, whatever they are called.
//
// High where a request's own text goes straight into a call that runs it: no honest page does that, and where one does,
// it is a way in all the same. A text with code in fences or `<pre>` is more likely about such pages: low, a person looks.
// Of a file that is a page by its beginning or its name what runs is asked alone (`asked_of`): what its comments say does
// not decide. Where the text comes by way of a variable, is included or names what is called: low, honest pages do that.

private rule is_about_code
{
    strings:
        $fence = "```"
        $markup = /<(pre|code)[ >]/ nocase

    condition:
        any of them
}

private rule php_runs_a_request
{
    strings:
        $open = "<?"
        $straight = /\b(eval|assert|system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec)\s{0,8}\(\s{0,8}(@?(base64_decode|gzinflate|gzuncompress|str_rot13|stripslashes|trim|urldecode|hex2bin)\s{0,4}\(\s{0,4}){0,4}@?\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[/ nocase
        $header = /\b(eval|assert|system|shell_exec|passthru)\s{0,8}\(\s{0,8}(base64_decode\s{0,4}\(\s{0,4})?@?\$_SERVER\s{0,4}\[\s{0,4}['"]HTTP_/ nocase
        $named = /\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[[^\]\n]{1,60}\]\s{0,4}\(\s{0,4}@?\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[/ nocase
        $literal = /'(eval|assert|system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec)'\s{0,4}\)?\s{0,4}\(\s{0,8}@?\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[/ nocase

    condition:
        $open and any of ($straight, $header, $named, $literal)
}

private rule php_runs_a_request_in_ticks
{
    // In a comment they are what Markdown writes code in.
    strings:
        $open = "<?"
        $ticks = /`[^`\n$]{0,80}\{?\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[[^`\n]{1,120}`/ nocase

    condition:
        all of them
}

private rule jsp_runs_a_request
{
    strings:
        $open = "<%"
        $run = /getRuntime\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}exec\s{0,4}\([^;\n]{0,120}request\s{0,4}\.\s{0,4}getParameter\s{0,4}\(/
        $build = /new\s{1,8}ProcessBuilder\s{0,4}\([^;\n]{0,120}request\s{0,4}\.\s{0,4}getParameter\s{0,4}\(/
        $loader = /extends\s{1,8}ClassLoader/
        $define = /\bdefineClass\s{0,4}\(/
        $request = /\brequest\s{0,4}\.\s{0,4}get(Parameter|Reader|InputStream|Header)\s{0,4}\(/

    condition:
        $open and (any of ($run, $build) or all of ($loader, $define, $request))
}

private rule aspx_runs_a_request
{
    strings:
        $open = "<%"
        $eval = /\beval\s{0,4}\(\s{0,4}(System\.Text\.Encoding[^;\n]{0,120})?Request\s{0,4}(\.\s{0,4}(Item|Form|QueryString|Params))?\s{0,4}[\[\(]/ nocase
        $execute = /\bexecute\s{0,4}\(?\s{0,4}Request\s{0,4}(\.\s{0,4}(Item|Form|QueryString))?\s{0,4}\(/ nocase
        $start = /\bProcess\s{0,4}\.\s{0,4}Start\s{0,4}\([^;\n]{0,120}Request\s{0,4}(\.\s{0,4}(Item|Form|QueryString|Params))?\s{0,4}[\[\(]/
        $info = /\bProcessStartInfo\b/
        $cmd = /["'](cmd(\.exe)?|powershell(\.exe)?)["']/ nocase
        $arguments = /\bArguments\s{0,4}=\s{0,4}[^;\n]{0,80}Request\s{0,4}(\.\s{0,4}(Item|Form|QueryString|Params))?\s{0,4}[\[\(]/

    condition:
        $open and (any of ($eval, $execute, $start) or all of ($info, $cmd, $arguments))
}

private rule python_runs_a_request
{
    strings:
        $import = /(^|\n)\s{0,12}(import|from)\s+[A-Za-z_]/
        $exec = /\b(exec|eval)\s{0,4}\(\s{0,4}(compile\s{0,4}\(\s{0,4})?((base64\.)?b64decode\s{0,4}\(\s{0,4})?request\.(args|form|values|data|json|cookies|headers|GET|POST|body|get_data|get_json)\b/
        $command = /\b(os\.(system|popen)|subprocess\.(call|run|Popen|check_output|getoutput))\s{0,4}\(\s{0,4}request\.(args|form|values|data|json|cookies|headers|GET|POST|body|get_data|get_json)\b/

    condition:
        $import and any of ($exec, $command)
}

rule web_shell
{
    meta:
        confidence = "high"
        family = "web-shell"
        reason = "the text of a request is run as a command or as code"
        asked_of = "text, code"

    condition:
        filesize < 2MB
        and (php_runs_a_request or jsp_runs_a_request or aspx_runs_a_request or python_runs_a_request)
        and not is_about_code
}

rule web_shell_in_ticks
{
    meta:
        confidence = "high"
        family = "web-shell"
        reason = "the text of a request is run as a command"
        asked_of = "code"

    condition:
        php_runs_a_request_in_ticks
}

rule web_shell_in_a_text
{
    meta:
        confidence = "low"
        family = "web-shell"
        reason = "the same, in a text that seems to be about code, or in what does not run of a page"

    condition:
        filesize < 2MB
        and (php_runs_a_request or jsp_runs_a_request or aspx_runs_a_request or python_runs_a_request)
}

rule web_shell_by_a_variable
{
    meta:
        confidence = "low"
        family = "web-shell"
        reason = "the text of a request is run, by way of variables; what was checked in between is not known"
        asked_of = "followed"

    condition:
        php_runs_a_request_in_ticks or php_runs_a_request or jsp_runs_a_request or aspx_runs_a_request or python_runs_a_request
}

rule request_in_a_command
{
    meta:
        confidence = "low"
        family = "web-shell"
        reason = "the text of a request, or all of it, is part of what is run, with nothing around it that would escape it"
        asked_of = "followed"

    strings:
        $open = "<?"
        $command = /[^\w>:$](system|exec|shell_exec|passthru|popen|proc_open)\s{0,8}\([^;{}()]{0,160}\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[/ nocase
        $input = /[^\w>:$](eval|assert|system|exec|shell_exec|passthru|popen|proc_open)\s{0,8}\(\s{0,4}(base64_decode\s{0,4}\(\s{0,4})?(filter_input\s{0,4}\(|file_get_contents\s{0,4}\(\s{0,4}'php:\/\/input')/ nocase

    condition:
        $open and any of ($command, $input) and not (php_runs_a_request or php_runs_a_request_in_ticks)
}

rule request_included
{
    meta:
        confidence = "low"
        family = "web-shell"
        reason = "a page runs the file that a request names; old pages do that as well"
        asked_of = "file, code, followed"

    strings:
        $open = "<?"
        $include = /\b(include|require)(_once)?\b[\s\(@]{1,8}\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[/ nocase

    condition:
        filesize < 8MB and all of them
}

rule request_to_a_named_function
{
    meta:
        confidence = "low"
        family = "web-shell"
        reason = "the text of a request is given to a function whose name stands in a variable"
        asked_of = "file, code"

    strings:
        $open = "<?"
        $call = /[^\w$>:]\$[a-z_]\w{0,60}\s{0,4}\(\s{0,4}@?\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[/ nocase
        $call_user = /\b(call_user_func(_array)?|array_map|register_shutdown_function|create_function)\s{0,4}\(\s{0,4}@?\$_(GET|POST|REQUEST|COOKIE)\s{0,4}\[[^\];\n]{0,60}\]\s{0,4}[,)]/ nocase

    condition:
        filesize < 8MB and $open and any of ($call, $call_user)
}

rule hidden_php
{
    meta:
        confidence = "low"
        family = "web-shell"
        reason = "code that unpacks itself before it runs; bought software is hidden like this as well"
        asked_of = "file, code"

    strings:
        $open = "<?"
        $unpack = /\b(eval|assert)\s{0,8}\(\s{0,8}(@?(gzinflate|gzuncompress|gzdecode|str_rot13|strrev|hex2bin|base64_decode)\s{0,4}\(\s{0,4}){2,6}['"$]/ nocase

    condition:
        filesize < 4MB and all of them
}
