"""How time and memory grow with a fleet: the exponents, whether they count as linear, and a picture.

Of three sizes as far apart as one another, the fit knows only the first and the last; and at the first a run is mostly
start-up, which makes all growth look small. So the last step has an exponent of its own, and neither may exceed LINEAR.

A step that ends below its unit's floor is start-up and noise from end to end: it is neither told nor judged. One that
only begins there is: start-up makes a step look less steep, never steeper, and no noise makes twelve times as much of
0.1 s.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from statistics import linear_regression

from benchmarks.harness import MEMORY, Points, Row

LINEAR = 1.1  # the largest exponent that counts as linear

WIDTH, HEIGHT = 980, 690
LEFT, RIGHT = 80, 500  # the fields between the axes; names stand to the right of them
TALL, APART = 280, 50
TOP = 30
# Told apart by those who see few colours, too; on white, which is drawn below them for pages that are dark.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000", "#b8860b", "#56b4e9")
DASHES = ("none", "7 4", "2 3")
# A circle, a square, a triangle, a diamond, from their middle.
MARKERS = (
    "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "m-3.5-3.5h7v7h-7z", "m0-4.5l4.5 8h-9z", "m0-5l5 5l-5 5l-5-5z"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """What grows. `floor`: what even the start-up may need."""

    name: str
    digits: int
    floor: float


SECONDS, MEGABYTES = Unit("s", 2, 0.3), Unit("MB", 0, 50)


@dataclass(frozen=True, slots=True)
class Axis:
    """The powers of ten from `first` to `last`, over the pixels from `start` to `end`."""

    first: int
    last: int
    start: int
    end: int

    def at(self, value: float) -> float:
        return self.start + (log10(value) - self.first) / (self.last - self.first) * (self.end - self.start)

    def ticks(self) -> list[tuple[float, str]]:
        powers = [10.0**power for power in range(self.first, self.last + 1)]
        return [(self.at(power), f"{power:,.10g}") for power in powers]


@dataclass(frozen=True, slots=True)
class Panel:
    """A field of the picture: the lines of what has one unit."""

    unit: Unit
    lines: Mapping[str, Points]
    across: Axis
    up: Axis


@dataclass(frozen=True, slots=True)
class Style:
    """How a line looks, so that it is found again in both panels and beside its name."""

    color: str
    dash: str
    marker: str

    def line(self, where: str) -> str:
        drawn = f'fill="none" stroke="{self.color}" stroke-width="2" stroke-dasharray="{self.dash}"'
        return f'<polyline points="{where}" {drawn}/>\n'

    def mark(self, x: float, y: float) -> str:
        inside = self.color if self.dash == "none" else "white"
        return f'<path d="M{x:.1f} {y:.1f}{self.marker}" fill="{inside}" stroke="{self.color}" stroke-width="1.5"/>\n'


def exponent(points: Points) -> float:
    """The slope of the straight line that fits the points' logarithms best: 1 is linear growth."""
    return linear_regression([log10(apis) for apis, _ in points], [log10(value) for _, value in points]).slope


def judged(work: str, points: Points, unit: Unit) -> Row:
    """Met only if the worst of the exponents is linear."""
    values = ", ".join(told(points, unit))
    whole, steps = exponent(points), _last_step(points, unit)
    text = "".join((f"{values}: exponent {whole:.2f}", *(f", of the last step {step:.2f}" for step in steps)))
    return Row(work, text, f"at most {LINEAR:g}", max([whole, *steps]) <= LINEAR, points=points)


def told(points: Points, unit: Unit) -> list[str]:
    return [f"{value:.{unit.digits}f} {unit.name}" for _, value in points]


def _last_step(points: Points, unit: Unit) -> list[float]:
    """Its exponent, if it says anything."""
    return [exponent(points[-2:])] if points[-1][1] >= unit.floor else []


# The picture


def plot(rows: Iterable[Row]) -> str:
    """An SVG with logarithmic axes: seconds above, memory below, in each a line for each command, and their names."""
    panels = _panels([row for row in rows if row.points])
    looks = _styles(panels)
    drawn = "".join(text for panel in panels for text in (*_grid(panel), *_lines(panel, looks)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
        f' font-size="12">\n<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n{drawn}{_legend(looks)}</svg>\n'
    )


def _panels(rows: list[Row]) -> list[Panel]:
    seconds = {row.work: row.points for row in rows if not row.work.endswith(MEMORY)}
    memory = {row.work.removesuffix(MEMORY): row.points for row in rows if row.work.endswith(MEMORY)}
    there = [(unit, lines) for unit, lines in ((SECONDS, seconds), (MEGABYTES, memory)) if lines]
    return [_panel(unit, lines, TOP + place * (TALL + APART)) for place, (unit, lines) in enumerate(there)]


def _panel(unit: Unit, lines: Mapping[str, Points], top: int) -> Panel:
    across = _axis((apis for points in lines.values() for apis, _ in points), LEFT, RIGHT)
    return Panel(
        unit, lines, across, _axis((value for points in lines.values() for _, value in points), top + TALL, top)
    )


def _axis(values: Iterable[float], start: int, end: int) -> Axis:
    known = list(values)
    first = floor(log10(min(known)))
    return Axis(first, max(first + 1, ceil(log10(max(known)))), start, end)


def _styles(panels: list[Panel]) -> dict[str, Style]:
    """By names, the slowest first, as their lines stand in the first panel. Neighbours differ in colour and marker."""
    ends = {name: points[-1][1] for panel in reversed(panels) for name, points in panel.lines.items()}
    names = sorted(ends, key=lambda name: -ends[name])
    return {name: _style(number) for number, name in enumerate(names)}


def _style(number: int) -> Style:
    again, color = divmod(number, len(COLORS))
    return Style(COLORS[color], DASHES[again % len(DASHES)], MARKERS[number % len(MARKERS)])


def _grid(panel: Panel) -> Iterator[str]:
    top, bottom = panel.up.end, panel.up.start
    for x, text in panel.across.ticks():
        yield f'<path d="M{x:.1f} {top}V{bottom}" stroke="#ddd"/>\n'
        yield f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{text}</text>\n'
    for y, text in panel.up.ticks():
        yield f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="#ddd"/>\n'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{text} {panel.unit.name}</text>\n'
    yield f'<text x="{(LEFT + RIGHT) / 2}" y="{bottom + 34}" text-anchor="middle">APIs</text>\n'


def _lines(panel: Panel, looks: Mapping[str, Style]) -> Iterator[str]:
    for name, points in panel.lines.items():
        places = [(panel.across.at(apis), panel.up.at(value)) for apis, value in points]
        yield looks[name].line(" ".join(f"{x:.1f},{y:.1f}" for x, y in places))
        yield from (looks[name].mark(x, y) for x, y in places)


def _legend(looks: Mapping[str, Style]) -> str:
    return "".join(
        text for number, name in enumerate(looks) for text in _named(name, looks[name], TOP + 8 + 20 * number)
    )


def _named(name: str, style: Style, y: int) -> Iterator[str]:
    start, end = RIGHT + 20, RIGHT + 64
    yield "<g>" + style.line(f"{start},{y} {end},{y}") + style.mark((start + end) / 2, y)
    yield f'<text x="{end + 8}" y="{y + 4}">{escape(name.replace("`", ""))}</text></g>\n'
