"""How time grows with a fleet: the exponent, and a picture of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from statistics import linear_regression

Points = Sequence[tuple[int, float]]  # (APIs, seconds)

WIDTH, HEIGHT = 860, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 480, 20, 350  # the field between the axes; names stand to the right of it
COLORS = ("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e")


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


def exponent(points: Points) -> float:
    """The slope of the straight line that fits the points' logarithms best: 1 is linear growth."""
    return linear_regression([log10(apis) for apis, _ in points], [log10(seconds) for _, seconds in points]).slope


def plot(lines: Mapping[str, Points]) -> str:
    """An SVG with logarithmic axes: a line for each command, and its name in the same colour."""
    across = _axis((apis for points in lines.values() for apis, _ in points), LEFT, RIGHT)
    up = _axis((seconds for points in lines.values() for _, seconds in points), BOTTOM, TOP)
    drawn = "".join((*_grid(across, up), *_lines(lines, across, up)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
        f' font-size="12">\n<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n{drawn}</svg>\n'
    )


def _axis(values: Iterable[float], start: int, end: int) -> Axis:
    known = list(values)
    return Axis(floor(log10(min(known))), ceil(log10(max(known))), start, end)


def _grid(across: Axis, up: Axis) -> Iterator[str]:
    for x, text in across.ticks():
        yield f'<path d="M{x:.1f} {TOP}V{BOTTOM}" stroke="#ddd"/>\n'
        yield f'<text x="{x:.1f}" y="{BOTTOM + 18}" text-anchor="middle">{text}</text>\n'
    for y, text in up.ticks():
        yield f'<path d="M{LEFT} {y:.1f}H{RIGHT}" stroke="#ddd"/>\n'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{text} s</text>\n'
    yield f'<text x="{(LEFT + RIGHT) / 2}" y="{BOTTOM + 38}" text-anchor="middle">APIs</text>\n'


def _lines(lines: Mapping[str, Points], across: Axis, up: Axis) -> Iterator[str]:
    slowest_first = sorted(lines.items(), key=lambda item: -item[1][-1][1])
    for index, (name, points) in enumerate(slowest_first):
        color = COLORS[index % len(COLORS)]
        places = " ".join(f"{across.at(apis):.1f},{up.at(seconds):.1f}" for apis, seconds in points)
        yield f'<polyline points="{places}" fill="none" stroke="{color}" stroke-width="2"/>\n'
        yield f'<text x="{RIGHT + 20}" y="{TOP + 20 * index + 12}" fill="{color}">{escape(name)}</text>\n'
