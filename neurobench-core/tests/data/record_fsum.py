"""Records sums computed by Python's math.fsum, which rounds correctly, in fsum.json.

Every float is written as the 16 hexadecimal digits of its bits, so no precision is lost in text.
Run it from any directory: python3 record_fsum.py
"""

import json
import math
import random
import struct
from pathlib import Path

SEED = 20_240_229


def bits(x):
    return struct.pack(">d", x).hex()


def from_bits(n):
    return struct.unpack(">d", struct.pack(">Q", n))[0]


def any_finite(rng):
    """Draws a float of any exponent, subnormal floats included."""
    return from_bits(rng.getrandbits(1) << 63 | rng.randrange(0x7FF) << 52 | rng.getrandbits(52))


def spread(rng, width):
    return rng.uniform(-1, 1) * 2.0 ** rng.randint(-width, width)


def canceling(rng, count):
    """Draws numbers, their negatives and a few small numbers, in random order."""
    half = [spread(rng, 200) for _ in range(count)]
    numbers = half + [-x for x in half] + [spread(rng, 20) * 2.0**-300 for _ in range(3)]
    rng.shuffle(numbers)
    return numbers


def tie(rng):
    """Draws terms whose sum is exactly halfway between two floats, or slightly off."""
    x = from_bits((rng.randrange(100, 1900) << 52) | rng.getrandbits(52))
    half = math.ulp(x) / 2
    return [x, half] + rng.choice([[], [5e-324], [-5e-324]])


def cases(rng):
    yield "empty", []
    yield "negative zero and one", [-0.0, 1.0]
    yield "subnormals", [5e-324] * 7 + [-2.5e-320]
    yield "tenths", [0.1] * 10
    for k in range(4):
        yield f"uniform {k}", [rng.random() for _ in range(60)]
    for k in range(6):
        yield f"wide {k}", [spread(rng, 87) for _ in range(60)]
    for k in range(10):
        yield f"canceling {k}", canceling(rng, 25)
    for k in range(20):
        yield f"any exponent {k}", [any_finite(rng) for _ in range(20)]
    for k in range(40):
        yield f"tie {k}", tie(rng)


def main():
    rng = random.Random(SEED)
    recorded = []
    for name, numbers in cases(rng):
        try:
            total = math.fsum(numbers)
        except OverflowError:  # fsum fails if a partial sum overflows
            continue
        recorded.append({"name": name, "numbers": [bits(x) for x in numbers], "sum": bits(total)})
    lines = ",\n".join(json.dumps(case) for case in recorded)
    Path(__file__).with_name("fsum.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
