// Programs (ELF) as they are dropped on servers. Source of the offsets: System V ABI, ELF-64 and ELF-32 object files.

private rule is_elf
{
    condition:
        uint32(0) == 0x464C457F
}

rule bare_loader
{
    meta:
        confidence = "high"
        family = "dropper"
        reason = "a program of one segment that may be written and run, and nothing else: made by a tool of attackers"

    condition:
        // No compiler makes it: one program header with all three rights, no section.
        is_elf and filesize < 16KB
        and (
            (uint8(4) == 2 and uint16(56) == 1 and uint16(60) == 0 and uint32(64) == 1 and uint32(68) == 7)
            or (uint8(4) == 1 and uint16(44) == 1 and uint16(48) == 0 and uint32(52) == 1 and uint32(76) == 7)
        )
}

rule packed_program
{
    meta:
        confidence = "low"
        family = "packed"
        reason = "packed with UPX: legal, rare on servers, and usual for what is dropped on them"

    strings:
        $magic = "UPX!"

    condition:
        // In the loader that stands right behind the headers, and again at the end.
        is_elf and $magic in (0..1024) and $magic in (filesize - 256..filesize)
}

rule miner
{
    meta:
        confidence = "high"
        family = "miner"
        reason = "a program that knows a mining pool's protocol, its figures and its algorithms"

    strings:
        $pool = /stratum\+(tcp|ssl|tls):\/\//
        $login = "mining.subscribe"
        $donate = "donate-level"
        $rx = /\brandomx\b/ nocase
        $cn = /\bcryptonight\b/ nocase
        $threads = "max-threads-hint"
        $pages = "huge-pages-jit"
        $name = /\bxmrig\b/ nocase

    condition:
        is_elf and 4 of them
}

rule miner_settings
{
    meta:
        confidence = "low"
        family = "miner"
        reason = "settings of a miner, or a script that starts one"

    strings:
        $pool = /stratum\+(tcp|ssl|tls):\/\/[^\s'"]{4,120}/
        $user = /("user"|"wallet"|--user|-u)\s{0,4}[:=]?\s{0,4}"?[13-9A-HJ-NP-Za-km-z]{30,110}/

    condition:
        not is_elf and filesize < 256KB and all of them
}
