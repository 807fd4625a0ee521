"""Two optimisers in one: momentum with orthogonalised updates for the matrices of the blocks, Adam for the rest.

Also the training loop's clock: the learning rate follows the wall clock, so a run of N minutes ends annealed,
and checkpoints are written every few minutes and read back on restart.
"""

import math
import os
import time

import torch
import torch.distributed as processes


def join_processes():
    """Number of this process among those torchrun started; 0 when alone."""
    if "WORLD_SIZE" not in os.environ:
        return 0
    processes.init_process_group("gloo")
    return processes.get_rank()


def orthogonalised(update, steps=5):
    """The nearest semi-orthogonal matrix, roughly, by a quintic Newton-Schulz iteration."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = update.bfloat16()
    tall = x.shape[0] > x.shape[1]
    x = x.t() if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.t()
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.t() if tall else x).float()


class Optimizer:
    def __init__(self, model, rate, matrix_rate=0.02):
        self.matrices, others = [], []
        for name, parameter in model.named_parameters():
            (self.matrices if parameter.dim() == 2 and name.startswith("layers.") else others).append(parameter)
        self.momenta = [torch.zeros_like(p) for p in self.matrices]
        self.adam = torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.0)
        self.rate, self.matrix_rate = rate, matrix_rate

    def share_gradients(self):
        """The mean of all processes' gradients, in each of them."""
        if not processes.is_initialized():
            return
        parameters = [*self.matrices, *self.adam.param_groups[0]["params"]]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in parameters])
        processes.all_reduce(flat)
        flat /= processes.get_world_size()
        for parameter, piece in zip(parameters, flat.split([p.numel() for p in parameters])):
            parameter.grad = piece.view_as(parameter)

    def step(self, scale):
        for group in self.adam.param_groups:
            group["lr"] = self.rate * scale
        self.adam.step()
        with torch.no_grad():
            for parameter, momentum in zip(self.matrices, self.momenta):
                if parameter.grad is None:
                    continue
                momentum.mul_(0.95).add_(parameter.grad)
                update = orthogonalised(parameter.grad.add(momentum, alpha=0.95))
                wide = max(1.0, parameter.shape[0] / parameter.shape[1]) ** 0.5
                parameter.mul_(1 - self.matrix_rate * scale * 0.02)
                parameter.add_(update, alpha=-self.matrix_rate * scale * wide)

    def zero_grad(self):
        self.adam.zero_grad(set_to_none=True)
        for parameter in self.matrices:
            parameter.grad = None

    def state_dict(self):
        return {"adam": self.adam.state_dict(), "momenta": self.momenta}

    def load_state_dict(self, state):
        self.adam.load_state_dict(state["adam"])
        for mine, saved in zip(self.momenta, state["momenta"]):
            mine.copy_(saved)


class Clock:
    """How far a run of `minutes` has come, over restarts; saves every `every` seconds. Process 0 leads the others."""

    def __init__(self, path, model, optimizer, minutes, every=240, warm_seconds=20):
        self.path, self.model, self.optimizer = path, model, optimizer
        self.total, self.every, self.warm = minutes * 60, every, warm_seconds
        self.spent, self.steps, self.offset = 0.0, 0, 0.0
        if os.path.exists(path):
            state = torch.load(path, weights_only=True)
            model.load_state_dict(state["model"])
            optimizer.load_state_dict(state["optimizer"])
            self.spent, self.steps = state["spent"], state["steps"]
            print(f"resumed at step {self.steps}, {self.spent / 60:.1f} minutes", flush=True)
        self.started = self.saved = time.time() - self.spent

    def tick(self):
        """The learning rate's factor, or None when time is up."""
        spent = torch.tensor(time.time() - self.started, dtype=torch.float64)
        if processes.is_initialized():
            processes.broadcast(spent, 0)
        self.spent = spent.item()
        if self.spent >= self.total:
            self.save()
            return None
        if time.time() - self.saved > self.every:
            self.save()
        self.steps += 1
        warm = min(1.0, self.spent / self.warm + 0.02)
        return warm * max(0.02, 0.5 + 0.5 * math.cos(math.pi * self.spent / self.total))

    def save(self):
        self.saved = time.time()
        if processes.is_initialized() and processes.get_rank() > 0:
            return
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(), "spent": self.spent, "steps": self.steps}
        torch.save(state, f"{self.path}.part")
        os.rename(f"{self.path}.part", self.path)
