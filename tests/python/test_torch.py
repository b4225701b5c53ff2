#!/usr/bin/python3
"""Values, gradients and second gradients of seeded random graphs against PyTorch in double, to 1e-12 of the largest element.

  test_torch.py [COUNT [SEED]]

tests/unit/torch_graphs builds the graphs (an example of every op, then COUNT compositions), differentiates them as the core does and
prints all; here each node is computed by its definition with torch, and torch takes the derivatives. An op without a line in OPS fails
the test. PyTorch comes from a virtual environment that ./bootstrap check makes (FENCHEL_TORCH, or ~/.cache/fenchel/torch-2.13.0);
without it this test fails, it is never skipped."""
import json
import os
import subprocess
import sys
import warnings

WANTED = "2.13.0"
WITHIN = 1e-12
FLOOR = 1e-2                                   # what is smaller is compared to 1e-14: tanh' = 1 - tanh^2 leaves no more where it saturates
COUNT = 400


def environment():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.environ.get("FENCHEL_TORCH") or os.path.join(cache, "fenchel", "torch-" + WANTED)


def give_up(text):
    print("FAIL  torch: " + text)
    print("0 passed, 1 failed")
    sys.exit(1)


OWN = os.path.join(environment(), "bin", "python")
if os.path.exists(OWN) and not os.environ.get("FENCHEL_TORCH_TRIED"):
    os.environ["FENCHEL_TORCH_TRIED"] = "1"
    os.execv(OWN, [OWN] + sys.argv)
try:
    warnings.filterwarnings("ignore", message="Failed to initialize NumPy")       # it is not asked for
    import torch
except ImportError:
    give_up(f"no PyTorch {WANTED} in {environment()}: run ./bootstrap check, which installs it there with pip "
            f"(pip install torch=={WANTED}); if it did, what pip said is in {environment()}.log")

D = torch.float64


class Node:
    """One line of the graph; a shape is leads, axes, sizes."""

    def __init__(self, row):
        self.id, self.op, self.inputs, self.real, self.whole, (_, _, self.to), (self.leads, self.axes, self.size), self.value = row


def place_of(p, leads, axes, rank, onto):
    """The position of `onto` where position p of a value stands."""
    return onto.axes.index(axes[p]) if p < leads else len(onto.size) - rank + p


def broadcast(n, x, shapes):
    leads, axes, size = shapes[0]
    thin = [1] * len(n.size)
    for p in range(len(size)):
        thin[place_of(p, leads, axes, len(size), n)] = size[p]
    return x.reshape(thin).expand(n.size)


def gathered_from(n, x_shape, i_shape, y_shape, index):
    """For each element of gather's result its offset in x; -1: outside."""
    (x_leads, x_axes, x_size), (i_leads, i_axes, i_size), (y_leads, y_axes, y_size) = x_shape, i_shape, y_shape
    p, offsets = n.whole[0], []
    features = y_leads if p < x_leads else y_leads + p - x_leads
    own = len(i_size) - i_leads
    for flat in range(torch.Size(y_size).numel()):
        at = [0] * len(y_size)
        for q in reversed(range(len(y_size))):
            at[q], flat = flat % y_size[q], flat // y_size[q]
        i_at = tuple(at[y_axes.index(i_axes[l])] if l < i_leads else at[features + l - i_leads] for l in range(len(i_size)))
        offset = 0
        for k in range(len(x_size)):
            skip = own - (p >= x_leads)
            if k == p:
                here = int(index[i_at])
            elif k < x_leads:
                here = at[y_axes.index(x_axes[k])]
            else:
                here = at[y_leads + k - x_leads + (skip if p < x_leads or k > p else 0)]
            if k == p and not 0 <= here < x_size[k]:
                raise ValueError("an index is outside: no graph here should have one")
            offset = offset * x_size[k] + here
        offsets.append(offset)
    return torch.tensor(offsets, dtype=torch.int64)


def gather(n, x, i, shapes):
    offsets = gathered_from(n, shapes[0], shapes[1], (n.leads, n.axes, n.size), i)
    return x.reshape(-1)[offsets].reshape(n.size)


def scatter_add(n, g, i, shapes):
    offsets = gathered_from(n, (n.leads, n.axes, n.size), shapes[1], shapes[0], i)
    return torch.zeros(torch.Size(n.size).numel(), dtype=D).index_add(0, offsets, g.reshape(-1)).reshape(n.size)


def masked(n, x):
    return [p for p in range(x.dim()) if n.whole[0] >> p & 1]


def run_of(n, x):
    """x with the positions that vanish as the last one."""
    gone = masked(n, x)
    kept = [p for p in range(x.dim()) if p not in gone]
    return x.permute(kept + gone).reshape([x.shape[p] for p in kept] + [-1])


def first_best(n, x, largest):
    lines = run_of(n, x)
    best = lines.amax(-1, keepdim=True) if largest else lines.amin(-1, keepdim=True)
    hits = (lines == best).to(torch.int64)
    return lines, (hits * (hits.cumsum(-1) == 1)).argmax(-1)


def extreme(n, x, largest):
    lines, at = first_best(n, x, largest)
    return lines.gather(-1, at.unsqueeze(-1)).squeeze(-1)


def slices(n, x):
    p, first, step, count = n.whole[:4]
    return x.index_select(p, torch.arange(first, first + step * (count - 1) + 1, step))


def spread(n, x):
    p, first, step = n.whole[:3]
    size = list(x.shape)
    at = torch.arange(first, first + step * (size[p] - 1) + 1, step)
    size[p] = n.whole[3]
    return torch.zeros(size, dtype=x.dtype).index_add(p, at, x)


def rank(n, x):
    order = torch.argsort(x, dim=n.whole[0], descending=True, stable=True)
    return torch.argsort(order, dim=n.whole[0])


def cumsum(n, x):
    p = n.whole[0]
    return x.flip(p).cumsum(p).flip(p) if n.whole[1] else x.cumsum(p)


def turned(x, flag):
    return x.transpose(-1, -2) if flag else x


def lower(n, x):
    diagonal = torch.diag_embed(torch.diagonal(x, dim1=-2, dim2=-1)) * [1, 0, .5][n.whole[0]]
    return torch.tril(x, -1) + diagonal


def solve_triangular(n, m, x):
    return torch.linalg.solve_triangular(turned(torch.tril(m), n.whole[0]), x, upper=bool(n.whole[0]))


class Polygamma(torch.autograd.Function):
    """Torch's own trigamma has ten digits only; its zeta has all: psi_n(x) = (-1)^(n+1) n! zeta(n+1, x)."""

    @staticmethod
    def forward(context, x, n):
        context.save_for_backward(x)
        context.n = n
        if n == 0:
            return torch.special.digamma(x)
        return (1 if n % 2 else -1) * float(torch.lgamma(torch.tensor(n + 1., dtype=D)).exp().round()) * torch.special.zeta(torch.full_like(x, n + 1), x)

    @staticmethod
    def backward(context, g):
        return g * Polygamma.apply(context.saved_tensors[0], context.n + 1), None


class LogGamma(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return torch.lgamma(x)

    @staticmethod
    def backward(context, g):
        return g * Polygamma.apply(context.saved_tensors[0], 0)


def rows(x):
    return x.reshape(-1, x.shape[-1])


def whole(x):
    return x.to(torch.int64)


OPS = {
    "name/1": lambda n, x: x, "stop_gradient/1": lambda n, x: x.detach(),
    "affine/1": lambda n, x: n.real[0] * x + n.real[1],
    "add/2": lambda n, x, y: x + y, "sub/2": lambda n, x, y: x - y, "mul/2": lambda n, x, y: x * y, "div/2": lambda n, x, y: x / y,
    "max/2": lambda n, x, y: torch.where(x >= y, x, y), "min/2": lambda n, x, y: torch.where(x <= y, x, y),
    "remainder/2": lambda n, x, y: torch.remainder(x, y), "power2/2": lambda n, x, y: torch.pow(x, y), "power/1": lambda n, x: torch.pow(x, n.real[0]),
    "abs/1": lambda n, x: torch.abs(x), "square/1": lambda n, x: x * x, "sqrt/1": lambda n, x: torch.sqrt(x),
    "exp/1": lambda n, x: torch.exp(x), "expm1/1": lambda n, x: torch.expm1(x), "log/1": lambda n, x: torch.log(x),
    "log1p/1": lambda n, x: torch.log1p(x), "sin/1": lambda n, x: torch.sin(x), "cos/1": lambda n, x: torch.cos(x),
    "tanh/1": lambda n, x: torch.tanh(x), "sigmoid/1": lambda n, x: torch.sigmoid(x),
    "log_sigmoid/1": lambda n, x: torch.nn.functional.logsigmoid(x), "softplus/1": lambda n, x: torch.logaddexp(x, torch.zeros((), dtype=D)),
    "erf/1": lambda n, x: torch.erf(x), "erf_inverse/1": lambda n, x: torch.erfinv(x), "lgamma/1": lambda n, x: LogGamma.apply(x),
    "polygamma/1": lambda n, x: Polygamma.apply(x, n.whole[0]),
    "leaky_relu/1": lambda n, x: torch.where(x > 0, x, n.real[0] * x),
    "slope/1": lambda n, x: torch.where(x > 0, torch.ones((), dtype=D), torch.full((), n.real[0], dtype=D)),
    "sign/1": lambda n, x: torch.sign(x), "floor/1": lambda n, x: torch.floor(x), "ceil/1": lambda n, x: torch.ceil(x),
    "round/1": lambda n, x: torch.round(x), "less/2": lambda n, x, y: whole(x < y), "less_equal/2": lambda n, x, y: whole(x <= y),
    "equal/2": lambda n, x, y: whole(x == y), "isfinite/1": lambda n, x: whole(torch.isfinite(x)),
    "where/3": lambda n, c, x, y: torch.where(c != 0, x, y), "to_real/1": lambda n, x: x.to(D), "to_integer/1": lambda n, x: whole(x),
    "cast/1": lambda n, x: x.to(torch.float32).to(D),
    "int_add/2": lambda n, x, y: x + y, "int_sub/2": lambda n, x, y: x - y, "int_mul/2": lambda n, x, y: x * y,
    "int_remainder/2": lambda n, x, y: torch.remainder(x, y), "int_max/2": lambda n, x, y: torch.maximum(x, y),
    "int_min/2": lambda n, x, y: torch.minimum(x, y), "int_less/2": lambda n, x, y: whole(x < y),
    "int_less_equal/2": lambda n, x, y: whole(x <= y), "int_equal/2": lambda n, x, y: whole(x == y),
    "int_where/3": lambda n, c, x, y: torch.where(c != 0, x, y),
    "reshape/1": lambda n, x: x.reshape(n.size), "number/1": lambda n, x: x.reshape(()),
    "permute/1": lambda n, x: x.permute([n.whole[0] >> 4 * i & 15 for i in range(x.dim())]), "slice/1": slices, "spread/1": spread,
    "concat/-1": lambda n, *x: torch.cat(x, n.whole[0]),
    "sum/1": lambda n, x: run_of(n, x).sum(-1), "logsumexp/1": lambda n, x: torch.logsumexp(run_of(n, x), -1),
    "max/1": lambda n, x: extreme(n, x, True), "min/1": lambda n, x: extreme(n, x, False),
    "argmax/1": lambda n, x: first_best(n, x, True)[1], "argmin/1": lambda n, x: first_best(n, x, False)[1],
    "argsort/1": lambda n, x: torch.argsort(x, dim=n.whole[0], stable=True), "rank/1": rank, "cumsum/1": cumsum,
    "roll/1": lambda n, x: torch.roll(x, n.whole[1], n.whole[0]),
    "linear/2": lambda n, x, w: x @ turned(w, n.whole[1]), "outer_rows/2": lambda n, x, y: rows(x).T @ rows(y),
    "matmul/2": lambda n, x, y: turned(x, n.whole[0]) @ turned(y, n.whole[1]),
    "cholesky/1": lambda n, x: torch.linalg.cholesky((x + x.transpose(-1, -2)) / 2), "solve_triangular/2": solve_triangular,
    "inverse/1": lambda n, x: torch.linalg.inv(x), "log_abs_det/1": lambda n, x: torch.linalg.slogdet(x).logabsdet, "lower/1": lower,
    "diagonal/1": lambda n, x: torch.diagonal(x, dim1=-2, dim2=-1), "from_diagonal/1": lambda n, x: torch.diag_embed(x),
}
# These need the axes of their inputs.
WITH_SHAPES = {"broadcast/1": broadcast, "gather/2": gather, "scatter_add/2": scatter_add}
INTEGERS = {"permutation/0"}
LEAVES = {"slot/0", "feed/0", "fill/0", "table/0", "coordinate/0", "uniform/0", "normal/0", "permutation/0"}


def replay(graph):
    """s and the wanted inputs as torch values."""
    nodes = {row[0]: Node(row) for row in graph["nodes"]}
    value, integer = {}, integers(nodes)
    for id, n in nodes.items():
        if n.op in LEAVES:
            kind = torch.int64 if id in integer else D
            value[id] = torch.tensor(n.value, dtype=D).to(kind).reshape(n.size)
            if id in graph["wanted"]:
                value[id].requires_grad_(True)
            continue
        x = [value[i] for i in n.inputs]
        if n.op in WITH_SHAPES:
            value[id] = WITH_SHAPES[n.op](n, *x, [(nodes[i].leads, nodes[i].axes, nodes[i].size) for i in n.inputs])
        elif n.op in OPS:
            value[id] = OPS[n.op](n, *x)
        else:
            raise KeyError(f"the op {n.op} has no line in OPS of tests/python/test_torch.py")
        if list(value[id].shape) != n.size:
            raise ValueError(f"{n.op}: torch gives {list(value[id].shape)}, fenchel {n.size}")
    return value[graph["s"]], [value[i] for i in graph["wanted"]]


def integers(nodes):
    """Leaves that are integers: the reader says so, through ops that move only."""
    firsts = {"where/3": [0], "int_where/3": [0, 1, 2], "gather/2": [1], "scatter_add/2": [1], "to_real/1": [0]}
    moving = {"broadcast/1", "reshape/1", "permute/1", "slice/1", "spread/1", "concat/-1", "number/1", "sum/1", "max/1", "min/1", "cumsum/1", "roll/1",
              "name/1"}
    found = {n.id for n in nodes.values() if n.op in INTEGERS}
    for n in reversed(list(nodes.values())):
        if n.op.startswith("int_"):
            found.update(n.inputs)
        found.update(n.inputs[k] for k in firsts.get(n.op, []))
        if n.id in found and (n.op in moving or n.op == "gather/2"):
            found.update(n.inputs)
    return found


def apart(mine, theirs):
    """The largest difference, in parts of the largest element."""
    theirs = torch.as_tensor(theirs, dtype=D).reshape(-1)
    mine = mine.detach().reshape(-1)
    if mine.shape != theirs.shape or not bool(torch.isfinite(theirs).all()):
        return float("inf")
    if not len(theirs):
        return 0.0
    return float((mine - theirs).abs().max() / max(float(theirs.abs().max()), FLOOR))


def gradients(y, x):
    """Zeros where y does not depend on x."""
    if not x or not y.requires_grad:
        return [torch.zeros_like(v) for v in x]
    found = torch.autograd.grad(y, x, create_graph=True, allow_unused=True)
    return [torch.zeros_like(v) if g is None else g for g, v in zip(found, x)]


def compare(graph):
    """What differs: (what, by how much)."""
    s, wanted = replay(graph)
    first = gradients(s, wanted)
    t = sum(((torch.tensor(w, dtype=D).reshape(g.shape) * g).sum() for w, g in zip(graph["weights"], first)), torch.zeros((), dtype=D))
    second = gradients(t, wanted)
    off = {"value": apart(s, [graph["value"]])}
    for i, _ in enumerate(wanted):
        off[f"first derivative by input {i}"] = apart(first[i], graph["first"][i])
        off[f"second derivative by input {i}"] = apart(second[i], graph["second"][i])
    return off


def graphs(arguments):
    folder = os.environ.get("FENCHEL_BUILDDIR", ".")
    program = os.path.join(folder, "tests", "unit", "torch_graphs")
    done = subprocess.run([program] + arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        give_up(f"{program} ended with {done.returncode}: {done.stderr.strip()}")
    return [json.loads(text) for text in done.stdout.split("\n\n") if text.strip()]


def main():
    if not torch.__version__.startswith(WANTED):
        give_up(f"PyTorch is {torch.__version__}, needs {WANTED}; remove {environment()} and run ./bootstrap check")
    torch.set_num_threads(1)
    passed = failed = 0
    ops, worst = set(), {"value": 0.0, "first": 0.0, "second": 0.0}
    for graph in graphs(sys.argv[1:] or [str(COUNT)]):
        ops.update(row[1] for row in graph["nodes"])
        try:
            off = compare(graph)
        except (KeyError, ValueError, RuntimeError) as error:
            print(f"FAIL  {graph['name']}: {error}")
            failed += 1
            continue
        bad = {k: v for k, v in off.items() if not v <= WITHIN}
        for k, v in off.items():
            worst[k.split()[0]] = max(worst[k.split()[0]], v)
        for k, v in bad.items():
            print(f"FAIL  {graph['name']}: {k} differs by {v:.3g} of the largest, at most {WITHIN:g}")
        failed += bool(bad)
        passed += not bad
    print(f"      {passed + failed} graphs of {len(ops)} ops; the largest difference: value {worst['value']:.2g}, first derivatives {worst['first']:.2g}, "
          f"second {worst['second']:.2g}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
