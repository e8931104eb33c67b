"""What stands several times in a row: drawn once, in a frame."""

from __future__ import annotations

from dataclasses import replace

from resdsl.drawing.fragments.fragments import Fragment, Open
from resdsl.drawing.layout.canvas import Band, Canvas, Text
from resdsl.records import dataclass

# Around what is in a frame, above and below.
FRAME = 12.0


@dataclass(slots=True)
class Again(Fragment):
    """What stands `times` in a row: drawn once, in a frame."""

    inner: Fragment
    times: int
    name: str
    # For how many of its kind the frame stands.
    count: int

    def draw(self, canvas: Canvas, x: float, y: float, above: Open) -> Open:
        canvas.add(
            Band(
                x - self.left,
                y,
                self.left + self.right,
                self.height,
                "frame",
                self.name,
                f"{self.times} times",
                dashed=True,
            )
        )
        size = 12
        place = x + self.right - 6
        canvas.add(
            Text(place, y + 11, f"×{self.times}", size, anchor="end", look="text", bold=True)
        )
        below = self.inner.draw(canvas, x, y + FRAME, above)
        # What leaves is the last's; what goes from one to the next is counted where it enters.
        return replace(below.to((x, y + self.height)), count=self.count)
