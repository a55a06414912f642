"""Trains the spiking digit classifier of this folder and writes its files.

Run with `python train.py`; there are no options. The script writes these files
to its own folder:

    inputs.npy           test images, u8 [360, 8, 8], raw pixel values 0..16
    targets.npy          their classes, i64 [360]
    network.toml         the list of layers
    weights.safetensors  the module's persistent state, named as torch names it

The data are scikit-learn's handwritten digits (1797 images of 8x8 pixels),
split once into 1437 training and 360 test images, stratified by class. The
test images are evaluated once, after everything else is finished; no number
in this file was fitted to them.

The network, per time step:

    [0] Flatten -> [1] Linear(64, 128) -> [2] Leaky -> [3] Linear(128, 10) -> [4] Leaky

The same image, divided by 16, is the input of each of the 25 time steps
(constant-current coding), and the class with the most output spikes wins.

Training has three stages: train densely; set the smaller half of layer 1's
weights to zero and keep training the rest; round everything.

Why the rounding
----------------
Floating-point addition depends on the order of the terms, so two libraries
(or one library on two machines) can disagree in the last bit of a matrix
product. A neuron close to its threshold then fires in one and not in the
other. Here that cannot happen:

  * weights and biases are multiples of 2^-10,
  * inputs are multiples of 2^-4 (pixel / 16), spikes are 0 or 1,
  * so every product, and every partial sum of products, is a multiple of 2^-14.

A multiple of 2^-14 is exact in a 32-bit float while its magnitude, counted in
units of 2^-14, stays below 2^24. `assert_exact` checks this for the largest
sum that any input and any order can produce. Each current is then the same
number, whatever the order, blocking, fused multiply-add or thread count.

The neuron update itself, (beta * mem + current) - reset * threshold, does
round. It works element by element, in one fixed order of separately rounded
IEEE operations, so its result is fixed as well. (It must not be contracted
into a fused multiply-add.) beta is 29/32, which f32 represents exactly.
"""

from pathlib import Path

import numpy as np
import snntorch as snn
import torch
from safetensors.torch import save
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from snntorch import utils

HERE = Path(__file__).resolve().parent

SEED = 7
TEST_SAMPLES = 360
TIME_STEPS = 25
HIDDEN = 128
BETA = 29 / 32  # 0.90625
THRESHOLD = 1.0

BATCH = 64
DENSE_EPOCHS = 40
SPARSE_EPOCHS = 30
PRUNED_FRACTION = 0.5  # of layer 1's weights

WEIGHT_BITS = 10  # weights and biases become multiples of 2^-10
INPUT_BITS = 4  # inputs are multiples of 2^-4

NETWORK_TOML = """\
# Spiking classifier of 8x8 handwritten digits; written by train.py.
format = "neurobench-network"
version = 1
weights = "weights.safetensors"
# Shape of one sample at one time step.
input_shape = [8, 8]
# Inputs are [batch, step, ..input_shape], outputs [batch, step, ..].
time_steps = true

[[layers]]
path = "0"
kind = "flatten"

[[layers]]
path = "1"
kind = "linear"
in_features = 64
out_features = 128

[[layers]]
path = "2"
kind = "leaky"
reset = "subtract"

[[layers]]
path = "3"
kind = "linear"
in_features = 128
out_features = 10

[[layers]]
path = "4"
kind = "leaky"
reset = "subtract"
"""


def build_network():
    """Builds the untrained network; both neuron layers hold their own state."""
    neuron = dict(
        beta=BETA, threshold=THRESHOLD, reset_mechanism="subtract", init_hidden=True
    )
    return torch.nn.Sequential(
        torch.nn.Flatten(),
        torch.nn.Linear(64, HIDDEN),
        snn.Leaky(**neuron),
        torch.nn.Linear(HIDDEN, 10),
        snn.Leaky(**neuron, output=True),
    )


def run_steps(net, images):
    """Feeds `images` for all steps; returns output spikes and membranes [step, batch, 10]."""
    utils.reset(net)
    spikes, membranes = [], []
    for _ in range(TIME_STEPS):
        spike, membrane = net(images)
        spikes.append(spike)
        membranes.append(membrane)
    return torch.stack(spikes), torch.stack(membranes)


def spike_counts(net, images):
    """Counts the output spikes of each class over all steps: [batch, 10]."""
    with torch.no_grad():
        return run_steps(net, images)[0].sum(0)


def accuracy(net, images, labels):
    return (spike_counts(net, images).argmax(1) == labels).float().mean().item()


def train_epochs(net, images, labels, epochs, learning_rate, generator, mask=None):
    """Trains on mini-batches; `mask` (0/1) keeps pruned weights of layer 1 at zero."""
    # Weight decay matters for pruning as well: pixels that are blank in every
    # image give their weights no gradient. The decay alone drives these weights
    # to zero, so they are among the first to be pruned.
    optimizer = torch.optim.Adam(
        net.parameters(), lr=learning_rate, weight_decay=1e-5
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        order = torch.randperm(len(images), generator=generator)
        for start in range(0, len(images), BATCH):
            chosen = order[start : start + BATCH]
            spikes, membranes = run_steps(net, images[chosen])
            # The spike count decides the class, so the loss uses the count. The
            # mean membrane adds a gradient for neurons that do not fire yet.
            loss = torch.nn.functional.cross_entropy(
                0.5 * spikes.sum(0) + membranes.mean(0), labels[chosen]
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if mask is not None:
                with torch.no_grad():
                    net[1].weight.mul_(mask)
        schedule.step()


def prune_mask(weight):
    """Returns 0 for the `PRUNED_FRACTION` of the weights with the smallest magnitudes, and 1 for the rest."""
    # A stable sort makes the choice deterministic if magnitudes tie.
    order = torch.argsort(weight.detach().abs().flatten(), stable=True)
    mask = torch.ones(weight.numel())
    mask[order[: int(PRUNED_FRACTION * weight.numel())]] = 0.0
    return mask.reshape(weight.shape)


def round_parameters(net):
    """Rounds all weights and biases to multiples of 2^-WEIGHT_BITS."""
    scale = 2.0**WEIGHT_BITS
    with torch.no_grad():
        for layer in (net[1], net[3]):
            for parameter in (layer.weight, layer.bias):
                rounded = torch.round(parameter * scale) / scale
                # Adding zero turns -0.0 into 0.0, for tidy files.
                parameter.copy_(rounded + 0.0)


def assert_exact(net):
    """Checks that every current is exact in f32 (see the top of this file)."""
    unit = 2.0 ** -(WEIGHT_BITS + INPUT_BITS)
    for layer in (net[1], net[3]):
        weight = layer.weight.detach().double()
        bias = layer.bias.detach().double()
        for values in (weight, bias):
            assert torch.equal(values * 2**WEIGHT_BITS, torch.round(values * 2**WEIGHT_BITS))
        # Inputs lie in 0..1, so no partial sum can be larger than this one.
        largest = (weight.abs().sum(1) + bias.abs()).max().item()
        assert largest / unit < 2**24, largest
        print(f"  largest possible |current| {largest:.3f}, limit {2**24 * unit:.0f}")


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    generator = torch.Generator().manual_seed(SEED)

    digits = load_digits()
    pixels = digits.images.astype(np.uint8)
    assert np.array_equal(pixels, digits.images) and pixels.max() == 16
    classes = digits.target.astype(np.int64)
    train_x, test_x, train_y, test_y = train_test_split(
        pixels, classes, test_size=TEST_SAMPLES, random_state=SEED, stratify=classes
    )
    assert test_x.shape == (TEST_SAMPLES, 8, 8)

    images = torch.from_numpy(train_x.astype(np.float32) / 16)
    labels = torch.from_numpy(train_y)

    net = build_network()

    print("training densely")
    train_epochs(net, images, labels, DENSE_EPOCHS, 2e-3, generator)
    print(f"  training accuracy {accuracy(net, images, labels):.4f}")

    print("pruning layer 1 and training the rest")
    mask = prune_mask(net[1].weight)
    with torch.no_grad():
        net[1].weight.mul_(mask)
    train_epochs(net, images, labels, SPARSE_EPOCHS, 1e-3, generator, mask)
    print(f"  training accuracy {accuracy(net, images, labels):.4f}")

    print("rounding")
    round_parameters(net)
    assert_exact(net)
    print(f"  training accuracy {accuracy(net, images, labels):.4f}")
    zeros = int((net[1].weight == 0).sum())
    print(f"  layer 1: {zeros} of {net[1].weight.numel()} weights are zero")

    test_images = torch.from_numpy(test_x.astype(np.float32) / 16)
    test_accuracy = accuracy(net, test_images, torch.from_numpy(test_y))
    print(f"test accuracy {test_accuracy:.4f}")
    assert test_accuracy >= 0.96

    # snnTorch registers membranes as non-persistent buffers, so the state dict
    # does not contain them. The check catches a version that does otherwise.
    state = {name: value.detach().clone() for name, value in net.state_dict().items()}
    assert not any(name.endswith(".mem") for name in state)
    (HERE / "weights.safetensors").write_bytes(save(state))
    np.save(HERE / "inputs.npy", test_x)
    np.save(HERE / "targets.npy", test_y)
    (HERE / "network.toml").write_text(NETWORK_TOML)


if __name__ == "__main__":
    main()
