"""The histogram of events, drawn on the server as SVG without styles: stacked by source, each bar a link into it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from senim.doors.console.chart import Line, nice
from senim.doors.console.eventlist import Search
from senim.history.events import Histogram
from senim.kit.moments import written

WIDTH, HEIGHT = 960, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 4, 10, 24
_LINES, _TICKS = 3, 6
TONES = 6
"""Sources that have a tone of their own; all others share the last."""
_MOST_BARS = 60
_WIDTHS = (
    *(timedelta(seconds=number) for number in (1, 5, 15, 30)),
    *(timedelta(minutes=number) for number in (1, 5, 15, 30)),
    *(timedelta(hours=number) for number in (1, 3, 6, 12)),
    *(timedelta(days=number) for number in (1, 7, 30, 91, 365)),
)


@dataclass(frozen=True)
class Block:
    """What one source has in one bar."""

    y: float
    height: float
    tone: int


@dataclass(frozen=True)
class Bar:
    """One stretch of time."""

    x: float
    width: float
    blocks: list[Block]
    total: int
    since: datetime
    until: datetime
    address: str
    title: str


@dataclass(frozen=True)
class Drawing:
    """Everything that a template needs to draw."""

    bars: list[Bar]
    grid: list[Line]
    ticks: list[Line]
    """Along the time; `y` is the place from the left."""
    sources: list[tuple[str, int, int]]
    """Source, tone, events in all."""
    uncounted: float
    """How far the begin, which was not counted because time was up, reaches; 0 where all was."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    base: int = HEIGHT - _BOTTOM
    top: int = _TOP


def stretches(since: datetime, until: datetime) -> tuple[datetime, timedelta, int]:
    """Begin, width and number of the bars for a time: at most 60, on round local hours and days."""
    width = next((width for width in _WIDTHS if (until - since) / width <= _MOST_BARS - 1), None)
    if width is None:
        width = timedelta(days=-(-(until - since).days // (_MOST_BARS - 1)))
    midnight = timezone.localtime(since).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = midnight + (since - midnight) // width * width
    return begin, width, -(-(until - begin) // width)


def draw(counted: Histogram, search: Search) -> Drawing:
    """`counted` as a drawing whose bars lead on from `search`."""
    plan = _Plan(counted, search)
    top = plan.top
    return Drawing(
        bars=[plan.bar(number) for number, total in enumerate(plan.totals) if total],
        grid=[Line(_y(top * i / _LINES, top), _count(top * i / _LINES)) for i in range(_LINES + 1)],
        ticks=plan.ticks(),
        sources=[(source, plan.tones[source], sum(counts)) for source, counts in counted.counts.items()],
        uncounted=0.0 if counted.is_whole else round(plan.place(counted.counted_since), 2),
    )


class _Plan:
    """How one histogram lies on its drawing."""

    def __init__(self, counted: Histogram, search: Search) -> None:
        self.counted = counted
        self.search = search
        self.step = (WIDTH - _LEFT - _RIGHT) / counted.bars
        self.totals = [sum(counts[bar] for counts in counted.counts.values()) for bar in range(counted.bars)]
        self.top = nice(max([_LINES, *self.totals]))
        self.tones = {source: min(number, TONES - 1) for number, source in enumerate(counted.counts)}

    def bar(self, number: int) -> Bar:
        """The bar with this number, which leads to what it counts."""
        since = self.counted.since + self.counted.width * number
        until = since + self.counted.width
        here = [(source, counts[number]) for source, counts in self.counted.counts.items() if counts[number]]
        within = max(since, self.search.asked.since), min(until, self.search.asked.until)
        said = ", ".join(f"{source}: {events}" for source, events in here)
        return Bar(
            x=round(_LEFT + (number + 0.08) * self.step, 2),
            width=round(self.step * 0.84, 2),
            blocks=list(self._blocks(here)),
            total=self.totals[number],
            since=since,
            until=until,
            address=self.search.within(*within),
            title=f"{written(since)} – {written(until)}; {said}",
        )

    def _blocks(self, here: Sequence[tuple[str, int]]) -> Iterator[Block]:
        below = 0
        for source, events in here:
            y = _y(below + events, self.top)
            yield Block(y, round(max(_y(below, self.top) - y, 0.75), 2), self.tones[source])
            below += events

    def place(self, moment: datetime) -> float:
        """How far from the begin of the bars `moment` lies."""
        return max((moment - self.counted.since) / self.counted.width, 0.0) * self.step

    def ticks(self) -> list[Line]:
        """Some of the moments at which bars begin."""
        width = self.counted.width
        form = (
            "%H:%M:%S" if width < timedelta(minutes=1) else "%d.%m %H:%M" if width < timedelta(days=1) else "%d.%m.%Y"
        )
        every = max(1, -(-self.counted.bars // _TICKS))
        moments = [self.counted.since + width * number for number in range(0, self.counted.bars, every)]
        return [Line(round(_LEFT + self.place(at), 2), f"{timezone.localtime(at):{form}}") for at in moments]


def _y(value: float, top: float) -> float:
    return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / top, 2)


def _count(value: float) -> str:
    return f"{round(value):,}".replace(",", "\N{NO-BREAK SPACE}")
