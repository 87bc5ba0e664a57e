#!/usr/bin/env python3
"""Writes the parity fixtures of package resnet: what PyTorch computes.

Each file is safetensors. Beside a network's state_dict it holds, for evaluation
mode, "input" [N, 3, S, S] and "logits"; for one training step "labels", "loss",
"train_logits" and "gradient.NAME"; "curve" is the loss of ten steps of SGD on
that batch, and "moved.NAME" a few running statistics after them.
"""
import copy
import json
import struct
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        shortcut = self.downsample(x) if hasattr(self, "downsample") else x
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + shortcut)


class Net(nn.Module):
    def __init__(self, blocks, width, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.layers, channels = [], width
        for stage, count in enumerate(blocks):
            out = width * 2 ** stage
            strides = [2 if stage else 1] + [1] * (count - 1)
            layer = nn.Sequential(*[Block(channels if i == 0 else out, out, s) for i, s in enumerate(strides)])
            self.add_module(f"layer{stage + 1}", layer)
            self.layers.append(layer)
            channels = out
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        for layer in self.layers:
            x = layer(x)
        return self.fc(x.mean((2, 3)))


def save(path, arrays):
    header, data = {}, b""
    for name, a in arrays.items():
        a = np.array(a)
        kind = {"float32": "F32", "int64": "I64"}[str(a.dtype)]
        raw = np.ascontiguousarray(a).tobytes()
        header[name] = {"dtype": kind, "shape": list(a.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def draw(seed, blocks, width, batch, side):
    """Returns a network with statistics and affine parts that are not the identity, and a batch."""
    torch.manual_seed(seed)
    net = Net(blocks, width, 4)
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.normal_(0, 0.1)
            m.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.normal_(m.bias, 0, 0.1)
    return net, torch.randn(batch, 3, side, side), torch.arange(batch) % 4


def nearest_kink(net, x):
    """Returns the smallest size of what any ReLU is given in training mode.

    A value of about the rounding error may fall on the other side of the kink in another
    implementation, which moves whole gradients by a percent: no bug, and no tolerance helps.
    """
    smallest, relu = [], F.relu
    F.relu = lambda v: (smallest.append(v.detach().abs().min().item()), relu(v))[1]
    with torch.no_grad():
        copy.deepcopy(net).train()(x)
    F.relu = relu
    return min(smallest)


def fixture(path, blocks, width, batch, side, training):
    seed = 0
    while True:
        net, x, labels = draw(seed, blocks, width, batch, side)
        if not training or nearest_kink(net, x) > 1e-4:
            break
        seed += 1
    print(path, "seed", seed)
    out = {k: v.numpy().copy() for k, v in net.state_dict().items()}
    with torch.no_grad():
        out.update(input=x.numpy(), logits=net.eval()(x).numpy(), labels=labels.numpy())
    if training:
        out.update(train(net.train(), x, labels))
    save(path, out)


def train(net, x, labels):
    decayed = [p for p in net.parameters() if p.dim() > 1]
    others = [p for p in net.parameters() if p.dim() == 1]
    sgd = torch.optim.SGD([dict(params=decayed, weight_decay=5e-4), dict(params=others, weight_decay=0)],
                          0.05, momentum=0.9, nesterov=True)
    out, curve = {}, []
    for step in range(10):
        sgd.zero_grad()
        logits = net(x)
        loss = F.cross_entropy(logits, labels)
        loss.backward()
        if step == 0:
            out["train_logits"] = logits.detach().numpy().copy()
            out.update({"gradient." + k: p.grad.numpy().copy() for k, p in net.named_parameters()})
        curve.append(loss.item())
        sgd.step()
    out["curve"] = np.array(curve, "float32")
    state = net.state_dict()
    for k in ("bn1.running_mean", "bn1.running_var", "layer3.0.bn2.running_var"):
        out["moved." + k] = state[k].numpy().copy()
    return out


torch.set_num_threads(1)
fixture("resnet8.safetensors", [1, 1, 1], 8, 4, 16, True)
fixture("resnet18.safetensors", [2, 2, 2, 2], 4, 4, 32, False)
print("torch", torch.__version__, "numpy", np.__version__, "python", sys.version.split()[0])
