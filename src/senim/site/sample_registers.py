"""What stands in the registers of a demonstration: plainly made up, a few entries each.

Import this once Django is ready.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction

from senim.audit.operations import Actor
from senim.availability.registers import CENTRES
from senim.governance.registers import DOCUMENTS, MEASURES, PARTICIPANTS, SCOPE
from senim.identity.models import Account
from senim.participants.registers import AGREEMENTS
from senim.registers import operations, queries
from senim.registers.register import Register
from senim.telemetry.registers import TOOLS

_REVIEWED_IN = timedelta(days=180)
_REASON = "demonstration"
_MADE_UP = "0" * 64
"""The digest of no file."""

SAMPLES: tuple[tuple[Register, Mapping[str, str]], ...] = (
    (
        SCOPE,
        {
            "title_kk": "«Үлгі» кредиттік бюросының басқару жүйесі",
            "title_ru": "Система управления кредитного бюро «Улги»",
            "scope_kk": "Кредиттік тарихтарды қалыптастыру және пайдалану жүйесі, веб-сайт, негізгі және резервтік"
            " деректерді өңдеу орталықтары, бюроның барлық бөлімшелері.",
            "scope_ru": "Система формирования и использования кредитных историй, веб-сайт, основной и резервный центры"
            " обработки данных, все подразделения бюро.",
        },
    ),
    (
        PARTICIPANTS,
        {
            "title_kk": "Ақпараттық қауіпсіздік жөніндегі бөлімшенің басшысы",
            "title_ru": "Руководитель подразделения информационной безопасности",
            "kind": "head",
            "functionality_kk": "Ақпараттық қауіпсіздік саясатын әзірлейді, оқыс оқиғаларға ден қоюды басқарады.",
            "functionality_ru": "Разрабатывает политику информационной безопасности, руководит реагированием на"
            " инциденты.",
            "limbs": "R228/37(1) R228/81-1",
            "state": "complies",
            "compliance_kk": "Лауазымдық нұсқаулықта Талаптарда көзделген міндеттер бекітілген.",
            "compliance_ru": "Обязанности, предусмотренные Требованиями, закреплены в должностной инструкции.",
        },
    ),
    (
        PARTICIPANTS,
        {
            "title_kk": "Ақпараттық технологиялар бөлімшесі",
            "title_ru": "Подразделение информационных технологий",
            "kind": "unit",
            "functionality_kk": "Ақпараттық жүйелердің жұмысын және резервтік көшіруді қамтамасыз етеді.",
            "functionality_ru": "Обеспечивает работу информационных систем и резервное копирование.",
            "limbs": "R228/80(5) R228/81-2",
            "state": "partly",
            "compliance_kk": "Оқиғаларды жинау барлық серверде қосылған, желілік жабдықта енгізіліп жатыр.",
            "compliance_ru": "Сбор событий включён на всех серверах, на сетевом оборудовании внедряется.",
        },
    ),
    (
        DOCUMENTS,
        {
            "title_kk": "Ақпараттық қауіпсіздік саясаты (үлгі)",
            "title_ru": "Политика информационной безопасности (образец)",
            "number": "ҮЛГІ-01",
            "approved_by": "«Үлгі» бюросының басқармасы",
            "approved_on": "2026-01-15",
            "in_force_from": "2026-02-01",
            "in_force_until": "",
            "replaces": "",
            "sha256": _MADE_UP,
        },
    ),
    (
        MEASURES,
        {
            "title_kk": "Қызметкерлерді ішкі құжаттармен таныстыру",
            "title_ru": "Ознакомление работников с внутренними документами",
            "limbs": "R228/37(1)",
            "state": "done",
            "planned_for": "2026-03-31",
            "done_on": "2026-03-27",
            "outcome_kk": "Барлық қызметкер қол қойып танысты.",
            "outcome_ru": "Все работники ознакомлены под подпись.",
        },
    ),
    (
        MEASURES,
        {
            "title_kk": "Желілік жабдықтың журналдарын қосу",
            "title_ru": "Подключение журналов сетевого оборудования",
            "limbs": "R228/81-2",
            "state": "planned",
            "planned_for": "2027-02-26",
            "done_on": "",
            "outcome_kk": "",
            "outcome_ru": "",
        },
    ),
    (
        TOOLS,
        {
            "title_kk": "Желіаралық экран (үлгі)",
            "title_ru": "Межсетевой экран (образец)",
            "kind": "hardware",
            "purpose_kk": "Желінің периметрін қорғау",
            "purpose_ru": "Защита периметра сети",
            "quantity": "2",
            "counted": "by-hand",
            "counted_on": "2026-10-01",
            "counted_by": "Айгерім Нұрланова",
            "sources": "",
        },
    ),
    (
        AGREEMENTS,
        {
            "party_kk": "«Мысал Телеком» ЖШС",
            "party_ru": "ТОО «Мысал Телеком»",
            "kind": "telecom",
            "number": "МТ-2026/7",
            "signed_on": "2026-01-05",
            "ends_on": "",
            "confidentiality": "present",
            "confidentiality_place": "6.1",
            "damage": "present",
            "damage_place": "7.2",
            "security": "present",
            "security_place": "5",
            "obligations_kk": "Байланыс арналарын шифрлау, оқыс оқиғалар туралы бір сағат ішінде хабарлау.",
            "obligations_ru": "Шифрование каналов связи, уведомление об инцидентах в течение часа.",
        },
    ),
    (
        AGREEMENTS,
        {
            "party_kk": "«Мысал Несие» МҚҰ",
            "party_ru": "МФО «Мысал Несие»",
            "kind": "provider",
            "number": "МН-2025/31",
            "signed_on": "2025-05-12",
            "ends_on": "2028-05-11",
            "confidentiality": "present",
            "confidentiality_place": "4",
            "damage": "absent",
            "damage_place": "",
            "security": "present",
            "security_place": "8.3",
            "obligations_kk": "Ақпарат беру ережелерін және ақпараттық қауіпсіздік талаптарын сақтау.",
            "obligations_ru": "Соблюдение порядка предоставления информации и требований информационной безопасности.",
        },
    ),
    (
        CENTRES,
        {
            "existence": "exists",
            "title_kk": "Резервтік орталық (ойдан шығарылған)",
            "title_ru": "Резервный центр (вымышленный)",
            "provision_kk": "Екі сервер, деректерді сақтау жүйесі, екі тәуелсіз байланыс арнасы.",
            "provision_ru": "Два сервера, система хранения данных, два независимых канала связи.",
            "tested_on": "2026-09-19",
            "outcome": "ready",
            "duration_minutes": "42",
        },
    ),
)


@transaction.atomic
def ensure_registers(owner: Account, *, actor: Actor) -> None:
    """Let each register that was never written have its samples; what people wrote since stays."""
    empty = {register.name for register, _facts in SAMPLES if not queries.was_written(register)}
    review_on = queries.today() + _REVIEWED_IN
    for register, facts in SAMPLES:
        if register.name in empty:
            operations.add(register, facts, owner=owner, review_on=review_on, reason=_REASON, actor=actor)
