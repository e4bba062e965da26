// The test file on which all programs of this trade agree: it does nothing, and must be found (eicar.org, 2003).
// Written in hexadecimal, so that no other such program takes this file for it.

rule eicar_test_file
{
    meta:
        confidence = "high"
        family = "test-file"
        reason = "the 68 characters at the very beginning, with nothing but white space behind: the definition itself"

    strings:
        $text = { 58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35 34 28 50 5E 29 37 43 43 29 37 7D 24 45 49 43 41 52 2D
                  53 54 41 4E 44 41 52 44 2D 41 4E 54 49 56 49 52 55 53 2D 54 45 53 54 2D 46 49 4C 45 21 24 48 2B 48 2A }

    condition:
        // A text that talks about it has something before it.
        $text at 0 and filesize <= 128
}
