"""Networks that several tests describe."""

RESIDUAL = {
    "input": [2, 5, 6],
    "layers": [
        {"type": "Conv2d", "out_channels": 3, "kernel_size": 3, "padding": 1},
        {"type": "ReLU"},
        {"type": "Conv2d", "out_channels": 3, "kernel_size": 3, "padding": 1},
        {"type": "BatchNorm2d"},
        {"type": "Conv2d", "name": "short", "out_channels": 3, "kernel_size": 1, "reads": "relu1"},
        {"type": "Add", "reads": ["bn1", "short"]},
        {"type": "ReLU"},
    ],
}
