"""Ways in. A door parses, authorises, calls a room and shows what it says; no rules live here."""
