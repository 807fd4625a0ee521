"""Bark's transformers for training: the same tensors and names as the checkpoint, and faster attention.

Differences from inference are only in how tables are parametrised: input tables may be sums of shared parts, and
`export_tensors` adds them up.
"""

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, width, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.att_proj = nn.Linear(width, 3 * width, bias=False)
        self.out_proj = nn.Linear(width, width, bias=False)

    def forward(self, x, watch=None):
        batch, length, width = x.shape
        q, k, v = self.att_proj(x).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        watched = None
        if watch is not None:
            rows = q[:, 0, watch:].float() @ k[:, 0].float().transpose(1, 2) * (width // self.heads) ** -0.5
            later = torch.ones(length, length, dtype=torch.bool).triu(1)[watch:]
            watched = rows.masked_fill(later, -1e9).log_softmax(-1)[:, :, :watch]
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.out_proj(mixed.transpose(1, 2).reshape(batch, length, width)), watched


class Feedforward(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.in_proj = nn.Linear(width, 4 * width, bias=False)
        self.out_proj = nn.Linear(4 * width, width, bias=False)

    def forward(self, x):
        return self.out_proj(F.gelu(self.in_proj(x)))


class Block(nn.Module):
    def __init__(self, width, heads, causal):
        super().__init__()
        self.layernorm_1 = nn.LayerNorm(width, bias=not causal)
        self.layernorm_2 = nn.LayerNorm(width, bias=not causal)
        self.attn = Attention(width, heads, causal)
        self.mlp = Feedforward(width)

    def forward(self, x, watch=None, keep=0):
        """Rows before `keep` are dropped after the attention: nobody reads them behind the last block."""
        mixed, watched = self.attn(self.layernorm_1(x), watch)
        x = (x + mixed)[:, keep:]
        return x + self.mlp(self.layernorm_2(x)), watched


class SharedTable(nn.Module):
    """An embedding table whose rows are sums: an own row, shared rows parts[j][index[j][i]], mapped features[i]."""

    def __init__(self, rows, width, parts=(), features=None, spread=0.02):
        super().__init__()
        self.own = nn.Parameter(torch.randn(rows, width) * spread)
        self.parts = nn.ParameterList()
        for j, index in enumerate(parts):
            index = torch.as_tensor(index)
            self.register_buffer(f"index{j}", index, persistent=False)
            self.parts.append(nn.Parameter(torch.randn(int(index.max()) + 1, width) * spread))
        self.register_buffer("features", None if features is None else torch.as_tensor(features), persistent=False)
        if features is not None:
            self.map = nn.Parameter(torch.randn(features.shape[1], width) * spread)

    def table(self):
        total = self.own
        for j, part in enumerate(self.parts):
            total = total + part[getattr(self, f"index{j}")]
        return total if self.features is None else total + self.features @ self.map


class Transformer(nn.Module):
    def __init__(self, layers, width, heads, causal):
        super().__init__()
        self.shape = dict(layers=layers, width=width, heads=heads)
        self.position_embeds_layer = nn.Embedding(1024, width)
        self.layers = nn.ModuleList(Block(width, heads, causal) for _ in range(layers))
        self.layernorm_final = nn.LayerNorm(width, bias=not causal)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                deep = name.endswith("out_proj.weight")
                nn.init.normal_(parameter, std=0.02 / (2 * layers) ** 0.5 if deep else 0.02)
        for block in self.layers:
            nn.init.normal_(block.attn.att_proj.weight, std=width**-0.5 * 0.6)
            nn.init.normal_(block.mlp.in_proj.weight, std=width**-0.5 * 0.6)

    def run(self, x, positions, watch_layer=None, watch=None, keep=0):
        x = x + self.position_embeds_layer(positions)
        watched = None
        for i, block in enumerate(self.layers):
            x, seen = block(x, watch if i == watch_layer else None, keep if i == len(self.layers) - 1 else 0)
            watched = seen if seen is not None else watched
        return self.layernorm_final(x), watched


class CausalModel(Transformer):
    """Semantic or coarse model; `inputs` is the input table, `outputs` the head's, never tied."""

    def __init__(self, layers, width, heads, inputs, outputs):
        super().__init__(layers, width, heads, True)
        self.inputs, self.outputs = inputs, outputs

    def export_tensors(self):
        state = {k: v for k, v in self.state_dict().items() if not k.startswith(("inputs.", "outputs."))}
        state["input_embeds_layer.weight"] = self.inputs.table().detach()
        state["lm_head.weight"] = self.outputs.table().detach()
        return state


class FineModel(Transformer):
    """Every frame sees every other; head k is the input table of codebook k + 1."""

    def __init__(self, layers, width, heads, tables):
        super().__init__(layers, width, heads, False)
        self.tables = nn.ModuleList(tables)

    def forward(self, codes, codebook):
        """Logits of `codebook` from codes [batch, frames, 8], of which 0…codebook are read."""
        tables = [self.tables[j].table() for j in range(codebook + 1)]
        x = sum(F.embedding(codes[:, :, j], tables[j]) for j in range(codebook + 1))
        with torch.autocast("cpu", torch.bfloat16):
            x, _ = self.run(x, torch.arange(codes.shape[1]))
            return F.linear(x, tables[codebook])

    def export_tensors(self):
        state = {k: v for k, v in self.state_dict().items() if not k.startswith("tables.")}
        for j, table in enumerate(self.tables):
            state[f"input_embeds_layers.{j}.weight"] = table.table().detach()
            if j > 0:
                state[f"lm_heads.{j - 1}.weight"] = state[f"input_embeds_layers.{j}.weight"]
        return state
