"""The Mackey-Glass series of the data set `mackey_glass`, in NumPy.

The integrator takes the same steps as neurobench's (`delay_equation.rs` describes the method), in the same order of
operations, so that both give the same numbers. A test of neurobench compares them.
"""

import numpy as np

HORIZON = 10
POINTS = 75
REPEATS = 30
BETA, GAMMA = 0.2, 0.1

# Lyapunov time and value before time 0 of each delay.
SERIES = {
    17: (197.0, 0.7206597),
    18: (138.0, 0.7744313),
    19: (315.0, 0.7783468),
    20: (131.0, 0.9225991),
    21: (191.0, 0.9479431),
    22: (119.0, 0.5455960),
    23: (106.0, 0.8622247),
    24: (97.0, 0.3259660),
    25: (98.0, 0.8297825),
    26: (104.0, 1.0033490),
    27: (112.0, 0.6491406),
    28: (119.0, 1.0957495),
    29: (131.0, 0.9256179),
    30: (139.0, 0.2713639),
}

# Positive nodes of the Gauss-Legendre quadrature on [-1, 1], with their weights (Abramowitz and Stegun, table 25.4).
GAUSS = [
    (0.1834346424956498, 0.362683783378362),
    (0.525532409916329, 0.3137066458778873),
    (0.7966664774136267, 0.22238103445337448),
    (0.9602898564975363, 0.10122853629037626),
]
RULE = [(0.5 - 0.5 * node, 0.5 * weight) for node, weight in reversed(GAUSS)]
RULE += [(0.5 + 0.5 * node, 0.5 * weight) for node, weight in GAUSS]


def basis(index, fraction):
    """Evaluates the polynomial that is 1 at a node and 0 at the others."""
    product = 1.0
    for other, (node, _) in enumerate(RULE):
        if other != index:
            product *= (fraction - node) / (RULE[index][0] - node)
    return product


# Coefficients of FreeBSD's exponential (e_exp.c). The one of `math` may differ in the last bit, and so may the series.
P = (1.66666666666666019037e-01, -2.77777777770155933842e-03, 6.61375632143793436117e-05)
P += (-1.65339022054652515390e-06, 4.13813679705723846039e-08)


def exponential(x):
    """Computes e^x for |x| < ln(2)/2 with the bits of FreeBSD's library, and of Rust's `libm`."""
    if abs(x) <= 2.0**-28:
        return 1.0 + x
    xx = x * x
    c = x - xx * (P[0] + xx * (P[1] + xx * (P[2] + xx * (P[3] + xx * P[4]))))
    return 1.0 + (x * c / (2.0 - c) - 0.0 + x)


def decay(fraction):
    return exponential(-GAMMA * fraction)


def weights(fraction):
    """Returns the weights of the start of a step and of its delayed terms, in the value at a fraction of the step."""
    delayed = []
    for index in range(len(RULE)):
        total = 0.0
        for node, weight in RULE:
            total += weight * decay(fraction * (1.0 - node)) * basis(index, fraction * node)
        delayed.append(BETA * fraction * total)
    return decay(fraction), delayed


def applied(start_weight, delayed_weights, start, delayed):
    total = start_weight * start
    for weight, term in zip(delayed_weights, delayed):
        total = total + weight * term
    return total


def feedback(y):
    fifth = y * y * (y * y) * y
    return y / (1.0 + fifth * fifth)


def series(tau, samples=None):
    """Returns the first samples of a series, from t = tau on; by default those of all repeats."""
    if samples is None:
        samples = offset(REPEATS - 1) + 2 * HORIZON * POINTS + 1
    lyapunov_time, past = SERIES[tau]
    interval = lyapunov_time / POINTS
    steps = int(tau + samples * interval) + 1
    to_nodes = [weights(node) for node, _ in RULE]
    to_end = weights(1.0)
    starts = [past]
    # Delayed terms at the nodes of each step; a delay is `tau` steps.
    delayed = np.full((tau, len(RULE)), feedback(past))
    blocks = [delayed]
    while len(starts) <= steps:
        block = blocks[-1]
        first = len(starts) - 1
        for terms in block.tolist():
            starts.append(applied(*to_end, starts[-1], terms))
        begins = np.array(starts[first : first + tau])
        nodes = np.stack([applied(*node, begins, block.T) for node in to_nodes], axis=1)
        blocks.append(feedback(nodes))
    delayed = np.concatenate(blocks)
    values = []
    for sample in range(samples):
        time = tau + sample * interval
        index = int(time)
        values.append(applied(*weights(time - index), starts[index], delayed[index].tolist()))
    return np.array(values)


def offset(repeat):
    """Returns the first sample of a repeat in its series."""
    return repeat * POINTS // 2


def sequence(values, repeat):
    """Returns the samples of a repeat: 10 Lyapunov times to train on, 10 to predict, and the last target."""
    return values[offset(repeat) : offset(repeat) + 2 * HORIZON * POINTS + 1]
