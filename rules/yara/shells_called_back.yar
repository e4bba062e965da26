// One line gives somebody elsewhere a shell here. In a script it is what the script is for: high. Anywhere else the line
// may be quoted (a handbook, a rule, a test): low, a person looks.

private rule calls_back
{
    strings:
        $bash = /\b(ba|z|k)?sh\s{1,4}-i\s{0,4}[<>&0-9]{1,6}\s{0,4}\/dev\/(tcp|udp)\/[^\s\/]{1,80}\/[0-9$]/
        $descriptor = /\bexec\s{1,4}[0-9]{1,3}\s{0,2}<>\s{0,2}\/dev\/(tcp|udp)\/[^\s\/]{1,80}\/[0-9$]/
        $netcat_last = /\b(nc|ncat|netcat)(\.traditional|\.openbsd)?\s{1,4}(-[a-z]{1,8}\s{1,4}){0,4}[^\s-][^\s]{0,80}\s{1,4}[0-9]{1,5}\s{1,4}(-e|-c|--exec|--sh-exec)\s{0,4}['"]?(\/bin\/)?(ba)?sh\b/
        $netcat_first = /\b(nc|ncat|netcat)(\.traditional|\.openbsd)?\s{1,4}(-[a-z]{1,8}\s{1,4}){0,4}(-[a-z]{0,4}e|-c|--exec|--sh-exec)\s{0,4}['"]?(\/bin\/)?(ba)?sh['"]?\s{1,4}[^\s-][^\s]{0,80}\s{1,4}[0-9]{1,5}\b/
        $pipe = /\bmkfifo\s{1,4}[^\n]{1,120}\|\s{0,4}(\/bin\/)?(ba)?sh\s{1,4}-i\b[^\n]{0,40}\|\s{0,4}(nc|ncat|netcat|telnet|openssl)\b/
        $python = /\bsocket\.socket\s{0,4}\([^\n]{0,240}\bos\.dup2\s{0,4}\([^\n]{0,240}\b(pty\.spawn|subprocess\.(call|run|Popen)|os\.system|os\.exec[lv]p?e?)\s{0,4}\(/
        $perl = /\buse\s{1,4}Socket\s{0,4};[^\n]{0,400}\bexec\s{0,4}[\({]{0,2}\s{0,4}['"](\/bin\/)?(ba)?sh\s{1,4}-i/
        $ruby = /\bTCPSocket\.(new|open)\s{0,4}\([^\n]{0,200}\bexec\s{0,4}[\(]?\s{0,4}(sprintf\s{0,4}\(\s{0,4})?['"](\/bin\/)?(ba)?sh\s{1,4}-i/
        $php = /\bfsockopen\s{0,4}\([^\n]{0,200}\b(exec|shell_exec|system|passthru|popen|proc_open)\s{0,4}\(\s{0,4}['"](\/bin\/)?(ba)?sh\s{1,4}-i/

    condition:
        any of them
}

private rule is_a_script
{
    condition:
        uint16(0) == 0x2123 and filesize < 256KB
}

rule shell_called_back
{
    meta:
        confidence = "high"
        family = "reverse-shell"
        reason = "a script that hands a shell to somebody elsewhere"

    condition:
        is_a_script and calls_back
}

rule shell_called_back_in_a_text
{
    meta:
        confidence = "low"
        family = "reverse-shell"
        reason = "the line stands there, in something that is no script"

    condition:
        calls_back and not is_a_script and filesize < 4MB
}

rule fetched_and_run
{
    meta:
        confidence = "low"
        family = "dropper"
        reason = "a script fetches a program from a bare address and runs it; provisioning does that, too"

    strings:
        $piped = /\b(curl|wget)\s[^\n|;]{0,200}https?:\/\/[0-9]{1,3}(\.[0-9]{1,3}){3}[^\n|;]{0,200}\|\s{0,4}(sudo\s{1,4})?(ba)?sh\b/
        $marked = /\b(curl|wget)\s[^\n|;]{0,200}https?:\/\/[0-9]{1,3}(\.[0-9]{1,3}){3}[^\n|]{0,200};\s{0,4}chmod\s{1,4}(\+x|7[0-9]{2}|a\+x)\b/

    condition:
        is_a_script and any of them
}
