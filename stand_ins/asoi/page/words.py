"""Every text on the pages, in Kazakh, Russian and English: the stand-in's own small catalogue."""

import datetime

from stand_ins.asoi.behaviour import MEANINGS, Mode

LANGUAGES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
_HERE = datetime.timezone(datetime.timedelta(hours=5))
"""Kazakhstan's time, one zone since 1 March 2024."""

_TEXTS: dict[str, tuple[str, str, str]] = {
    "title": ("АӨАЖ: орынбасар бағдарлама", "АСОИ: программа-заменитель", "ASOI: a stand-in"),
    "warning": (
        "Бұл – орынбасар бағдарлама, уәкілетті органның жүйесі емес. Мұндағы ештеңе уәкілетті органға жіберілген жоқ.",
        "Это программа-заменитель, а не система уполномоченного органа. Ничто из показанного здесь ему не передано.",
        "This is a stand-in, not the system of the authorised body. Nothing shown here has reached it.",
    ),
    "to content": ("Мазмұнына өту", "К содержанию", "Skip to content"),
    "language": ("Тіл", "Язык", "Language"),
    "behaviour": ("Қазір өзін қалай ұстайды", "Как ведёт себя сейчас", "How it behaves now"),
    "times left": ("Тағы неше жеткізуге", "Ещё доставок", "Deliveries left"),
    "until": ("Дейін", "До", "Until"),
    "delay": ("Кідіріс, секунд", "Задержка, секунд", "Delay, seconds"),
    "received": ("Қабылданған хабарламалар", "Принятые сообщения", "Messages received"),
    "none": (
        "Әзірге хабарлама жоқ. Бюро алғашқы хабарламасын жеткізгенде, ол осында көрінеді.",
        "Сообщений пока нет. Первое появится здесь, как только бюро его доставит.",
        "No message yet. The first one appears here as soon as a bureau delivers it.",
    ),
    "time": ("Қабылданған уақыты", "Время приёма", "Received at"),
    "sender": ("Жіберуші", "Отправитель", "Sender"),
    "bin": ("БСН", "БИН", "BIN"),
    "kind": ("Түрі", "Вид", "Kind"),
    "about": ("Не туралы", "О чём", "About"),
    "sequence": ("Реттік нөмірі", "Порядковый номер", "Sequence"),
    "corrects": ("Түзететін хабарламасы", "Исправляет сообщение", "Corrects message"),
    "purpose": ("Негіздеме", "Основание", "Sent under"),
    "recipient": ("Алушы", "Получатель", "Recipient"),
    "made at": ("Жасалған уақыты", "Составлено", "Made at"),
    "size": ("Көлемі", "Размер", "Size"),
    "bytes": ("байт", "байт", "bytes"),
    "again": ("Қайта жеткізілді", "Доставлено повторно", "Delivered again"),
    "conflicts": ("Басқа мазмұнмен келіп, қабылданбады", "Отклонено с иным содержанием", "Refused with other content"),
    "exercise": ("Жаттығу", "Учение", "Exercise"),
    "yes": ("иә", "да", "yes"),
    "no": ("жоқ", "нет", "no"),
    "id": ("Хабарлама идентификаторы", "Идентификатор сообщения", "Message id"),
    "content": ("Мазмұны", "Содержание", "Content"),
    "content is": (
        "Бюроның қолы қойылған мәтін, оқуға ыңғайлы түрде.",
        "Подписанный бюро текст, в удобном для чтения виде.",
        "What the bureau signed, laid out for reading.",
    ),
    "receipt": ("Түбіртек", "Квитанция", "Receipt"),
    "receipt is": (
        "Осы бағдарлама қол қойған, бюро үшін шифрланған.",
        "Подписана этой программой и зашифрована для бюро.",
        "Signed by this stand-in and sealed to the bureau.",
    ),
    "checkpoint": (
        "Аудит журналының бақылау нүктесі",
        "Контрольная точка журнала аудита",
        "Checkpoint of the audit log",
    ),
    "checkpoint is": (
        "Түбіртек оған куә: кейін қайта жазылған журнал онымен сәйкес келмейді.",
        "Квитанция её засвидетельствовала: журнал, переписанный позже, с ней не сойдётся.",
        "The receipt witnesses it: a log rewritten later cannot agree with it.",
    ),
    "rows": ("Жазбалар саны", "Записей", "Rows"),
    "no checkpoint": (
        "Бұл хабарламада бақылау нүктесі жоқ.",
        "Это сообщение не содержит контрольной точки.",
        "This message carries no checkpoint.",
    ),
    "files": ("Файлдар", "Файлы", "Files"),
    "as sent": ("Мөрленген хабарлама (.p7m)", "Запечатанное сообщение (.p7m)", "Sealed message (.p7m)"),
    "as signed": ("Қол қойылған мазмұн (.json)", "Подписанное содержание (.json)", "Signed content (.json)"),
    "receipt file": ("Мөрленген түбіртек (.p7m)", "Запечатанная квитанция (.p7m)", "Sealed receipt (.p7m)"),
    "feed": (
        "Оқиғалар ағыны: бәрі келді ме",
        "Поток событий: всё ли пришло",
        "Event feed: whether everything has come",
    ),
    "feed is": (
        "Топтамалар да, олардағы оқиғалар да 1-ден бастап нөмірленеді: жетпейтіні нөмірлерінен көрінеді.",
        "Пакеты и события в них нумеруются с 1: чего не хватает, видно по номерам.",
        "Batches, and the events in them, are numbered from 1: what is missing shows in the numbers.",
    ),
    "no feed": (
        "Әзірге бірде-бір оқиғалар топтамасы келген жоқ.",
        "Пакетов событий пока не было.",
        "No batch of events has come yet.",
    ),
    "whole": ("Ештеңе жетіспей тұрған жоқ", "Всё на месте", "Nothing is missing"),
    "not whole": ("Жетіспейтіні бар", "Не всё на месте", "Something is missing"),
    "batches": ("Топтамалар", "Пакетов", "Batches"),
    "events": ("Оқиғалар", "Событий", "Events"),
    "complete up to": ("Мына оқиғаға дейін бәрі бар", "Всё есть до события", "Complete up to event"),
    "missing events": ("Жетіспейтін оқиғалар", "Нет событий", "Missing events"),
    "missing batches": ("Жетіспейтін топтамалар", "Нет пакетов", "Missing batches"),
    "wrong batches": (
        "Өзіне қайшы топтамалар",
        "Пакеты, противоречащие сами себе",
        "Batches that contradict themselves",
    ),
    "lost lines": (
        "Бюроның айтуынша, ағынға келмеген жолдар",
        "Строк, по словам бюро, до потока не дошло",
        "Lines that, as the bureau says, never came to its feed",
    ),
    "back": ("Барлық хабарламалар", "Все сообщения", "All messages"),
    "older": ("Бұдан бұрынғылары", "Более ранние", "Older"),
    "not found": (
        "Мұндай бет немесе хабарлама жоқ.",
        "Такой страницы или такого сообщения нет.",
        "There is no such page or message.",
    ),
    "IncidentNotice": ("Оқыс оқиға туралы хабарлама", "Сообщение об инциденте", "Incident notice"),
    "IncidentUpdate": ("Оқыс оқиға туралы толықтыру", "Дополнение об инциденте", "Incident update"),
    "EventBatch": ("Оқиғалар топтамасы", "Пакет событий", "Batch of events"),
    "AnnualReport": ("Жыл сайынғы ақпарат", "Ежегодная информация", "Yearly information"),
}

_MODES: dict[Mode, tuple[str, str]] = {
    Mode.WELL: (
        "қабылдайды, сақтайды, қол қойылған түбіртекпен жауап береді",
        "принимает, сохраняет, отвечает подписанной квитанцией",
    ),
    Mode.ANOTHER_RECEIPT: (
        "басқа хабарламаның шынайы түбіртегімен жауап береді (әзірге ондай болмаса – 503)",
        "отвечает подлинной квитанцией другого сообщения (пока такой нет – 503)",
    ),
    Mode.CLOCK_AHEAD: (
        "алға кеткен сағат бойынша қабылдайды, сақтайды және қол қояды",
        "принимает, сохраняет и подписывает по часам, которые спешат",
    ),
    Mode.CLOCK_BEHIND: (
        "артта қалған сағат бойынша қабылдайды, сақтайды және қол қояды",
        "принимает, сохраняет и подписывает по часам, которые отстают",
    ),
    Mode.CUT_AFTER: (
        "хабарламаны сақтайды да, жауапсыз байланысты үзеді",
        "сохраняет сообщение и обрывает соединение без ответа",
    ),
    Mode.CUT_BEFORE: (
        "хабарламаны оқымай байланысты үзеді; ештеңе сақталмайды",
        "обрывает соединение, не читая сообщения; ничего не сохраняет",
    ),
    Mode.DISK_FULL: (
        "деректер қоры өсе алмайды: хабарлама сақталмайды, жауабы – 507",
        "база данных не может расти: сообщение не сохраняется, ответ – 507",
    ),
    Mode.DOWN: ("ешкім қабылдамайды: қосылымнан бас тартылады", "никто не слушает: в соединении отказано"),
    Mode.ERROR: ("503 деп жауап береді; ештеңе сақталмайды", "отвечает 503; ничего не сохраняет"),
    Mode.GARBAGE: (
        "түбіртектің орнына кездейсоқ байттар жібереді (200)",
        "отвечает 200 со случайными байтами вместо квитанции",
    ),
    Mode.HALF: (
        "түбіртектің жартысын жіберіп, байланысты үзеді",
        "отправляет половину квитанции и обрывает соединение",
    ),
    Mode.LATE: ("дұрыс, бірақ кешігіп жауап береді", "отвечает верно, но поздно"),
    Mode.NEW_SCHEMA: (
        "келісілгеннен басқа нұсқадағы, шынайы қол қойылған түбіртекпен жауап береді",
        "отвечает квитанцией с верной подписью, но другой версии и формы, чем согласовано",
    ),
    Mode.SILENT: (
        "хабарламаны оқиды, бірақ жауап бермейді, қосылым ашық қалады; ештеңе сақталмайды",
        "читает сообщение и не отвечает, соединение остаётся открытым; ничего не сохраняет",
    ),
    Mode.TWICE: (
        "сол қосылымда бүкіл жауапты екі рет жібереді",
        "отправляет весь ответ дважды в одном соединении",
    ),
    Mode.WRONG_HASH: (
        "басқа мазмұнға берілген, шынайы қол қойылған түбіртекпен жауап береді",
        "отвечает квитанцией с верной подписью, но на другое содержание",
    ),
    Mode.WRONG_ID: (
        "басқа идентификаторға берілген, шынайы қол қойылған түбіртекпен жауап береді",
        "отвечает квитанцией с верной подписью, но на другой идентификатор",
    ),
    Mode.WRONG_SIGNATURE: (
        "сол атаумен жаңа кілт қол қойған түбіртекпен жауап береді",
        "отвечает квитанцией, подписанной новым ключом под тем же именем",
    ),
}


class Words:
    """The catalogue in one language."""

    def __init__(self, language: str) -> None:
        """Kazakh where `language` is none of ours."""
        self.language = language if language in LANGUAGES else "kk"
        self._column = list(LANGUAGES).index(self.language)

    def __getitem__(self, name: str) -> str:
        return _TEXTS[name][self._column]

    def mode(self, mode: Mode) -> str:
        """What `mode` means."""
        return (*_MODES[mode], MEANINGS[mode])[self._column]

    def flag(self, value: bool) -> str:
        """Yes or no."""
        return self["yes"] if value else self["no"]

    def size(self, count: int) -> str:
        """A number of bytes: `3 412 bytes`."""
        return f"{count:,}".replace(",", "\N{NO-BREAK SPACE}") + f"\N{NO-BREAK SPACE}{self['bytes']}"

    @staticmethod
    def moment(moment: datetime.datetime) -> str:
        """`22.11.2026 22:00:13 (UTC+5)`."""
        return f"{moment.astimezone(_HERE):%d.%m.%Y %H:%M:%S} (UTC+5)"
