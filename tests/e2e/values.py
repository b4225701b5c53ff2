#!/usr/bin/python3
"""Numbers against numpy: tiny experiments in double, whose metrics, parameters and states are computed here a second time from the
formulas. Calculus, functions, laws, optimizers, what players do, batch norm, noise."""
import math
import os
from statistics import NormalDist

import h5py
import numpy as np

from common import arrays, check, checkpoints, main, metrics, near, need, run, write

EXACT = 1e-12


def experiment(temporary, name, text):
    folder = os.path.join(temporary, name)
    run(write(temporary, name + ".yaml", f"name: {name}\nprecision: double\n" + text), folder)
    return folder


def stored(folder, path):
    """An array of the newest checkpoint."""
    with h5py.File(checkpoints(folder)[-1], "r") as f:
        return f[path][()]


def series(folder, name):
    with h5py.File(os.path.join(folder, "log.h5"), "r") as f:
        return f["train/" + name][:]


# ---- functions and calculus: metrics of constant tables ----
A = np.array([0.3, -1.2, 2.0, 0.7])
M = np.array([[2.0, -1.0, 0.5], [0.25, 3.0, -2.0], [1.0, 0.125, -4.0]])
V = np.array([[1.5, -0.5, 3.0, 3.0], [0.0, 2.5, -2.5, 1.0]])      # [u; 4]: two rows over a leading axis
K = np.array([3, 0, 2])


def lse(x, axis):
    top = np.max(x, axis=axis, keepdims=True)
    return np.squeeze(top, axis) + np.log(np.sum(np.exp(x - top), axis=axis))


def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


FUNCTIONS = {
    "exp(a)": np.exp(A), "log(abs(a))": np.log(np.abs(A)), "sqrt(a^2 + 1)": np.sqrt(A**2 + 1), "log1p(a^2)": np.log1p(A**2), "expm1(a)": np.expm1(A),
    "sin(a) * cos(a)": np.sin(A) * np.cos(A), "tanh(a)": np.tanh(A), "sigmoid(a)": sigmoid(A), "log_sigmoid(a)": np.log(sigmoid(A)),
    "softplus(a)": np.log1p(np.exp(A)), "relu(a)": np.maximum(A, 0), "erf(a)": np.vectorize(math.erf)(A),
        "lgamma(abs(a))": np.vectorize(math.lgamma)(np.abs(A)),
    "floor(a)": np.floor(A), "ceil(a)": np.ceil(A), "round(a * 10)": np.round(A * 10), "sign(a)": np.sign(A), "isfinite(a)": np.ones(4),
    "min(a, 0.5)": np.minimum(A, 0.5), "max(a, 0.5)": np.maximum(A, 0.5), "clip(a, -1, 1)": np.clip(A, -1, 1),
        "where(a < 0.5, 1, a)": np.where(A < 0.5, 1, A),
    "a % 0.7": A % 0.7, "-7 % 3": np.array(2.0), "7 % -3": np.array(-2.0), "2^-a": 2.0**-A, "-a^2": -(A**2), "7 / 2": np.array(3.5),
        "a >= 0.7": (A >= 0.7) * 1.0,
    "a != 2": (A != 2) * 1.0, "log(sigmoid(-800 + a))": -800 + A, "log(1 - sigmoid(800 + a))": -800 - A,
        "log(softmax(1000 * a over channel))": 1000 * A - 2000,
    "sum(a over features)": np.sum(A), "mean(a)": np.mean(A), "var(a over features)": np.var(A), "std(a over all)": np.std(A),
        "norm(a over features)": np.linalg.norm(A),
    "max(a over channel)": np.max(A), "min(a over features)": np.min(A), "logsumexp(a over features)": lse(A, 0),
        "logmeanexp(a over features)": lse(A, 0) - np.log(4),
    "median(a over features)": np.median(A), "argmax(a over features)": np.array(2.0), "argmin(a over features)": np.array(1.0),
    "sum(v over u)": V.sum(0), "mean(v over features)": V.mean(1), "median(v over u)": np.median(V, 0), "argmax(v over channel)": np.array([2.0,
        1.0]),
    "softmax(v over channel)": softmax(V), "log_softmax(v over channel)": np.log(softmax(V)), "sort(v over channel)": np.sort(V, 1),
        "rank(a over channel)": np.array([2.0, 3.0, 0.0, 1.0]), "cumsum(v over channel)": np.cumsum(V, 1),
    "roll(v over channel)": np.roll(V, 1, 1), "roll(v, 1 over u)": np.roll(V, 1, 0), "roll(v, -2 over channel)": np.roll(V, -2, 1),
        "sort(v over u)": np.sort(V, 0), "softmax(v over u)": softmax(V, 0),
    "integral(w^2 over w)": np.trapz(np.linspace(-1, 2, 7)**2, np.linspace(-1, 2, 7)),
    "concat(a, [1, 2])": np.concatenate([A, [1, 2]]), "flatten(m)": M.ravel(), "reshape(a, [2, 2])": A.reshape(2, 2), "slice(a, 1, 3)": A[1:3],
        "pick(a, 2)": A[2],
    "pick(a, [3, 0, 2])": A[K], "pick(v, 1 over u)": V[1], "one_hot([3, 0, 2], 4)": np.eye(4)[K], "outer(a, [1, 2])": np.outer(A, [1, 2]),
        "matmul(m, m)": M @ M,
    "transpose(m)": M.T, "eye(3)": np.eye(3), "solve(m, [1, 2, 3])": np.linalg.solve(M, [1, 2, 3]), "log_abs_det(m)": np.linalg.slogdet(M)[1],
    "size(u) + size(w)": np.array(9.0), "w": np.linspace(-1, 2, 7), "v * (1 + u)": V * np.array([[1.0], [2.0]]), "sum(v * v over all)": np.sum(V * V),
    "unnamed(sum(v over features), u)": V.sum(1), "pi": np.array(math.pi),
    "mean(one_hot(argmax(v over channel), 4) over u)": np.eye(4)[[2, 1]].mean(0),
}


def functions(temporary):
    table = {f"m_{i}": (e, x) for i, (e, x) in enumerate(FUNCTIONS.items())}
    lines = [f"    {name}: {{value: \"{e}\"}}" for name, (e, _) in table.items()]
    rows = [list(map(float, r)) for r in V]
    folder = experiment(temporary, "functions", "\n".join([
        "axes: {u: 2, w: {from: -1, to: 2, size: 7}}", "samplers:",
        f"  a: {{constant: {{value: {A.tolist()}}}, axes: []}}", f"  m: {{constant: {{value: {M.tolist()}}}, axes: []}}",
        f"  v: {{constant: {{value: {rows}}}, axes: [u]}}", "evaluate:", "  metrics:"] + lines) + "\n")
    found = metrics(folder)
    for name, (e, x) in table.items():
        check(f"function {e}", near, found.get(name, []), x, EXACT, e)


CALCULUS = """
samplers:
  a: {constant: {value: [0.3, -1.2, 2.0, 0.7]}, axes: []}
  m: {constant: {value: [[2.0, -1.0, 0.5], [0.25, 3.0, -2.0], [1.0, 0.125, -4.0]]}, axes: []}
graph:
  y: sin(a) * exp(a)
  first: gradient(y, a)
  second: gradient(first, a)
  third: gradient(second, a)
  one: a
  two: a
  both: one * two^2
  by_one: gradient(both, one)
  by_two: gradient(both, two)
  by_a: gradient(both, a)
  mixed: gradient(by_one, two)
  stopped: gradient(stop_gradient(a) * a, a)
  flat: gradient(floor(a) * a, a)
  shares: softmax(a over channel)
  hot: gradient(pick(shares, 1), a)
  det: gradient(log_abs_det(m), m)
  by_matrix: gradient(sum(solve(m, [1, 2, 3]) over features), m)
  spread: gradient(std(a over features), a)
  order: gradient(sum(sort(a over channel) * [1, 2, 3, 4] over features), a)
  most: gradient(max(a over features) + logsumexp(a over features), a)
  power: gradient(gradient(abs(a)^2.5, a), a)
evaluate:
  metrics:
METRICS
"""


def calculus(temporary):
    s = softmax(A)
    inverse = np.linalg.inv(M)
    y = np.linalg.solve(M, [1, 2, 3])
    wanted = {
        "first": np.exp(A) * (np.sin(A) + np.cos(A)), "second": 2 * np.exp(A) * np.cos(A), "third": 2 * np.exp(A) * (np.cos(A) - np.sin(A)),
        "by_one": A**2, "by_two": 2 * A**2, "by_a": 3 * A**2, "mixed": 2 * A, "stopped": A, "flat": np.floor(A),
        "hot": s[1] * (np.eye(4)[1] - s), "det": inverse.T, "by_matrix": -np.outer(inverse.T @ np.ones(3), y),
            "spread": (A - A.mean()) / (4 * A.std()),
        "order": np.argsort(np.argsort(A)) + 1.0, "most": np.eye(4)[2] + s, "power": 2.5 * 1.5 * np.abs(A)**0.5,
    }
    text = CALCULUS.replace("METRICS", "\n".join(f"    {name}: {name}" for name in wanted))
    found = metrics(experiment(temporary, "calculus", text))
    for name, x in wanted.items():
        check(f"gradient {name}", near, found.get(name, []), x, EXACT, name)


# ---- laws ----
X = np.linspace(-2.5, 2.5, 11)
U = np.linspace(0.05, 0.95, 11)
LAWS = """
axes: {x: {from: -2.5, to: 2.5, size: 11}, u: {from: 0.05, to: 0.95, size: 11}, c: 4}
samplers:
  p: {constant: {value: [0.3, -0.4]}, axes: []}
graph:
  gauss: normal(mean=0.3, sd=1.7)
  flat: uniform(low=-1, high=2)
  mix: {gaussian_mixture: {means: [[-1], [2]], sd: 0.5, weights: [0.3, 0.7]}}
  pair: normal(mean=[0.5, -1], covariance=[[2, 0.6], [0.6, 0.5]])
  sphere: normal(mean=p, log_var=[0.2, -0.7])
  die: integers(low=1, high=6)
  coin: bernoulli(probability=0.3)
  word: categorical(logits=[0.1, 0.7, -0.4])
evaluate:
  metrics:
    gauss_density: log_density(gauss, x)
    gauss_cdf: cdf(gauss, x)
    gauss_quantile: quantile(gauss, u)
    gauss_entropy: entropy(gauss)
    flat_density: log_density(flat, 0.4 * x)
    flat_cdf: cdf(flat, x)
    flat_quantile: quantile(flat, u)
    flat_entropy: entropy(flat)
    mix_density: "log_density(mix, reshape(x, [1]))"
    mix_entropy: entropy(mix)
    pair_density: "log_density(pair, p)"
    pair_entropy: entropy(pair)
    sphere_density: "log_density(sphere, [1, 1])"
    sphere_entropy: entropy(sphere)
    round_trip: cdf(gauss, quantile(gauss, u))
    die_density: "log_density(die, 3)"
    die_entropy: entropy(die)
    coin_entropy: entropy(coin)
    word_density: "log_density(word, c % 3)"
    word_entropy: entropy(word)
"""


def laws(temporary):
    found = metrics(experiment(temporary, "laws", LAWS))
    n = NormalDist(0.3, 1.7)
    mix = 0.3 * np.exp(-(X + 1)**2 / 0.5) + 0.7 * np.exp(-(X - 2)**2 / 0.5)
    grid = np.linspace(-8, 9, 200001)
    fine = (0.3 * np.exp(-(grid + 1)**2 / 0.5) + 0.7 * np.exp(-(grid - 2)**2 / 0.5)) / (0.5 * math.sqrt(2 * math.pi))
    cov, r = np.array([[2, 0.6], [0.6, 0.5]]), np.array([0.3 - 0.5, -0.4 + 1])
    var = np.exp([0.2, -0.7])
    words = softmax(np.array([0.1, 0.7, -0.4]))
    wanted = {
        "gauss_density": np.log([n.pdf(x) for x in X]), "gauss_cdf": [n.cdf(x) for x in X], "gauss_quantile": [n.inv_cdf(u) for u in U],
        "gauss_entropy": 0.5 * math.log(2 * math.pi * math.e * 1.7**2), "flat_density": np.full(11, -math.log(3)), "flat_cdf": np.clip((X + 1) / 3,
            0, 1),
        "flat_quantile": -1 + 3 * U, "flat_entropy": math.log(3), "mix_density": np.log(mix / (0.5 * math.sqrt(2 * math.pi))),
        "mix_entropy": -np.trapz(fine * np.log(np.maximum(fine, 1e-300)), grid),
        "pair_density": -0.5 * r @ np.linalg.solve(cov, r) - 0.5 * np.linalg.slogdet(cov)[1] - math.log(2 * math.pi),
        "pair_entropy": 1 + math.log(2 * math.pi) + 0.5 * np.linalg.slogdet(cov)[1],
        "sphere_density": np.sum(-0.5 * (1 - np.array([0.3, -0.4]))**2 / var - 0.5 * np.log(2 * math.pi * var)),
        "sphere_entropy": np.sum(0.5 * np.log(2 * math.pi * math.e * var)), "round_trip": U, "die_density": -math.log(6), "die_entropy": math.log(6),
        "coin_entropy": -0.3 * math.log(0.3) - 0.7 * math.log(0.7), "word_density": np.log(words[np.arange(4) % 3]),
            "word_entropy": -np.sum(words * np.log(words)),
    }
    for name, x in wanted.items():
        check(f"law {name}", near, found.get(name, []), x, 1e-7 if name == "mix_entropy" else 1e-11 if "quantile" in name else EXACT, name)


# ---- optimizers ----
START = np.array([1.0, -2.0, 0.5])
AIM, WEIGHT = np.array([0.3, 0.2, 0.1]), np.array([1.0, 2.0, 3.0])
STEPS = 15


def slope(p):
    return 2 * WEIGHT * (p - AIM) + p**3


def sgd(rate, momentum=0, nesterov=False, decay=0):
    v = np.zeros(3)

    def step(p, g, t):
        nonlocal v
        g = g + decay * p
        v = momentum * v + g
        return p - rate(t) * (g + momentum * v if nesterov else v)
    return step


def rmsprop(rate, decay=0.99, epsilon=1e-8, momentum=0):
    s, v = np.zeros(3), np.zeros(3)

    def step(p, g, t):
        nonlocal s, v
        s = decay * s + (1 - decay) * g * g
        v = momentum * v + g / (np.sqrt(s) + epsilon)
        return p - rate(t) * v
    return step


def adam(rate, beta1=0.9, beta2=0.999, epsilon=1e-8, decay=0):
    m, v = np.zeros(3), np.zeros(3)

    def step(p, g, t):
        nonlocal m, v
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        return p - rate(t) * (m / (1 - beta1**(t + 1)) / (np.sqrt(v / (1 - beta2**(t + 1))) + epsilon) + decay * p)
    return step


def clipped(inner, most):
    return lambda p, g, t: inner(p, g * min(1, most / (np.linalg.norm(g) + 1e-6)), t)


def fixed(x):
    return lambda t: x


OPTIMIZERS = {
    "sgd: {rate: 0.02}": sgd(fixed(0.02)), "sgd: {rate: 0.02, momentum: 0.8}": sgd(fixed(0.02), 0.8),
    "sgd: {rate: 0.02, momentum: 0.8, nesterov: true}": sgd(fixed(0.02), 0.8, True), "sgd: {rate: 0.02, decay: 0.1}": sgd(fixed(0.02), decay=0.1),
    "sgd: {rate: 0.1 / (1 + step)}": sgd(lambda t: 0.1 / (1 + t)), "rmsprop: {rate: 0.05}": rmsprop(fixed(0.05)),
    "rmsprop: {rate: 0.05, decay: 0.9, momentum: 0.5, epsilon: 1e-3}": rmsprop(fixed(0.05), 0.9, 1e-3, 0.5), "adam: {rate: 0.1}": adam(fixed(0.1)),
    "adam: {rate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 1e-2, decay: 0.3}": adam(fixed(0.1), 0.5, 0.9, 1e-2, 0.3),
    "adam: {rate: 0.1 * 0.8^step}": adam(lambda t: 0.1 * 0.8**t), "sgd: {rate: 0.05, clip_norm: 1.5}": clipped(sgd(fixed(0.05)), 1.5),
    "adam: {rate: 0.1, clip_norm: 0.5}": clipped(adam(fixed(0.1)), 0.5),
}


def optimizers(temporary):
    networks, players = [], []
    for i, body in enumerate(OPTIMIZERS):
        networks.append(f"  p{i}: {{layers: [{{parameter: {{shape: [3], init: {{constant: {{value: {START.tolist()}}}}}}}, as: v}}]}}")
        players += [f"      - name: p{i}", f"        update: p{i}",
                    f"        minimize: sum([1, 2, 3] * (p{i}.v - [0.3, 0.2, 0.1])^2 + p{i}.v^4 / 4 over features)", f"        optimizer: {{{body}}}"]
    folder = experiment(temporary, "optimizers", "\n".join(["networks:"] + networks + ["train:", "  - phase: play", f"    steps: {STEPS}",
        "    players:"] + players) + "\n")
    for i, (body, step) in enumerate(OPTIMIZERS.items()):
        p = START.copy()
        losses = []
        for t in range(STEPS):
            losses.append(np.sum(WEIGHT * (p - AIM)**2 + p**4 / 4))
            p = step(p, slope(p), t)
        check(f"optimizer {body}", near, stored(folder, f"params/p{i}/v"), p, EXACT, body)
        check(f"objective of {body}", near, series(folder, f"p{i}"), losses, EXACT, body)


# ---- what players do ----
def vector(name, start):
    return f"  {name}: {{layers: [{{parameter: {{shape: [{len(start)}], init: {{constant: {{value: {list(start)}}}}}}}, as: v}}]}}\n"


def averages(temporary):
    """EMA by `after`, on a copy; clip; assign after; graph values in `after` are those of before the update."""
    folder = experiment(temporary, "averages", "networks:\n" + vector("p", START) + "  mean: {copy: p}\n  saved: {copy: p}\n" + vector("q", [2.0,
        -2.0]) + """graph:
  loss: sum([1, 2, 3] * (p.v - [0.3, 0.2, 0.1])^2 over features)
  scaled: 10 * p.v
train:
  - phase: play
    steps: 7
    players:
      - name: p
        update: p
        minimize: loss
        optimizer: {sgd: {rate: 0.05}}
        after:
          mean: 0.9 * mean + 0.1 * p
          saved: scaled
      - name: q
        update: q
        maximize: -sum(q.v^2 over features) / 2
        optimizer: {sgd: {rate: -0.5 + 1}}
        after: {q: "clip(q, -0.75, 5)"}
""")
    p, mean, q = START.copy(), START.copy(), np.array([2.0, -2.0])
    for _ in range(7):
        saved = 10 * p
        p = p - 0.05 * 2 * WEIGHT * (p - AIM)
        mean = 0.9 * mean + 0.1 * p
        q = np.clip(q - 0.5 * q, -0.75, 5)
    for name, x in (("p", p), ("mean", mean), ("saved", saved), ("q", q)):
        check(f"after: {name}", near, stored(folder, f"params/{name}/v"), x, EXACT, name)
    check("the objective of maximize is logged as written", near, series(folder, "q")[0], -4.0, EXACT, "q")


GAME = """graph:
  value: sum(p.v * q.v over features) + sum(p.v^2 over features)
train:
  - phase: play
    steps: 6
{together}    players:
      - {{name: p, update: p, minimize: value, optimizer: {{sgd: {{rate: 0.1}}}}}}
      - {{name: q, update: q, maximize: value, optimizer: {{sgd: {{rate: 0.1}}}}}}
"""


def simultaneous(temporary):
    for together in (False, True):
        text = "networks:\n" + vector("p", [1.0, 0.5]) + vector("q", [-0.5,
            2.0]) + GAME.format(together="    simultaneous: true\n" if together else "")
        folder = experiment(temporary, f"game-{together}", text)
        p, q = np.array([1.0, 0.5]), np.array([-0.5, 2.0])
        for _ in range(6):
            new = p - 0.1 * (q + 2 * p)
            q = q + 0.1 * (p if together else new)
            p = new
        near(stored(folder, "params/p/v"), p, EXACT, f"p, simultaneous {together}")
        near(stored(folder, "params/q/v"), q, EXACT, f"q, simultaneous {together}")


def repeats(temporary):
    """Turns by a live number; NaN in the log where there was none; two phases; accumulate is the mean of the draws' gradients."""
    folder = experiment(temporary, "repeats", "batch: 4\nsamplers:\n  z: {normal: {shape: [1]}}\nnetworks:\n" + vector("p", [0.0]) + vector("q",
        [0.0]) + vector("s", [0.0]) + """train:
  - phase: first
    steps: 5
    players:
      - {name: p, update: p, repeat: "where(step < 2, 3, step % 2)", minimize: sum(p.v over features), optimizer: {sgd: {rate: 1}}}
  - phase: second
    steps: 3
    players:
      - {name: q, update: q, repeat: step, minimize: sum(q.v over features), optimizer: {sgd: {rate: 1}}}
      - name: s
        update: s
        accumulate: 3
        minimize: sum(s.v over features) * mean(z)
        optimizer: {sgd: {rate: 1}}
        log: {z: mean(z)}
""")
    near(stored(folder, "params/p/v"), [-(3 + 3 + 0 + 1 + 0)], EXACT, "p")
    near(stored(folder, "params/q/v"), [-(0 + 1 + 2)], EXACT, "q")
    got = series(folder, "p")
    need(np.isnan(got[[2, 4, 5, 6, 7]]).all() and list(got[[0, 1, 3]]) == [-2, -5, -6], f"p: {got}")
    got = series(folder, "q")
    need(np.isnan(got[:6]).all() and list(got[6:]) == [0, -2], f"q: {got}")
    near(stored(folder, "params/s/v"), [-np.nansum(series(folder, "z"))], EXACT, "accumulated gradient")


UNROLLED = """batch: 5
samplers:
  x: {constant: {value: [[1, 2], [0, 1], [-1, 0.5], [2, -1], [0.5, 0.5]]}, axes: [batch]}
  y: {constant: {value: [[1], [0], [2], [-1], [0.5]]}, axes: [batch]}
networks:
  critic: {layers: [dense: {units: 1, init: {constant: {value: [[0.4], [-0.7]]}}, bias: false}]}
graph:
  loss: mean((critic(x) - y)^2)
  now: critic - 0.1 * gradient(loss, critic)
  unrolled: {mean: {}, in: (critic(x) - y)^2, with: {critic: now}}
  meta: gradient(unrolled, critic)
  later: {max: {}, in: [now, now], with: {critic: now}}
"""


def unrolled(temporary):
    """`with: {critic: now}`: a network on a vector; the gradient goes through the step."""
    folder = experiment(temporary, "unrolled", UNROLLED + """evaluate:
  examples: 5
  metrics:
    loss: mean(loss)
    unrolled: mean(unrolled)
    bound: {value: mean(loss), with: {critic: now}}
    meta: mean(meta over draws)
    flat: critic
    second: {value: mean(loss), with: {critic: later}}
    later: mean(later over draws)
""")
    x = np.array([[1, 2], [0, 1], [-1, 0.5], [2, -1], [0.5, 0.5]])
    y = np.array([1, 0, 2, -1, 0.5])
    w = np.array([0.4, -0.7])
    hessian = 2 * x.T @ x / 5

    def g(v):
        return 2 * x.T @ (x @ v - y) / 5

    def loss(v):
        return np.mean((x @ v - y)**2)
    now = w - 0.1 * g(w)
    found = metrics(folder)
    wanted = {"loss": loss(w), "unrolled": loss(now), "bound": loss(now), "meta": (np.eye(2) - 0.1 * hessian) @ g(now), "flat": w,
              "second": loss(now - 0.1 * g(now)), "later": now - 0.1 * g(now)}
    for name, value in wanted.items():
        check(f"unrolled {name}", near, found.get(name, []), value, EXACT, name)


def batch_norm(temporary):
    folder = experiment(temporary, "norm", """batch: 5
samplers:
  x: {constant: {value: [[1, 2], [0, 1], [-1, 0.5], [2, -1], [0.5, 0.5]]}, axes: [batch]}
networks:
  one: {layers: [batch_norm]}
  two: {layers: [batch_norm: {momentum: 0.5}]}
graph:
  y: one(x)
  again: one(3 * x + 1)
  still: {two: {}, in: x, mode: evaluate}
train:
  - phase: play
    steps: 4
    players:
      - name: one
        update: one
        minimize: mean((y + again - 1)^2)
        optimizer: {sgd: {rate: 0}}
        log: {first: mean(y^2), other: mean(two(x)^2)}
      - {name: two, update: two, minimize: mean((two(x) - 1)^2) + mean(still), optimizer: {sgd: {rate: 0}}}
evaluate:
  examples: 5
  metrics: {seen: "mean(max(y over features) over batch)", square: mean(two(x)^2)}
""")
    x = np.array([[1, 2], [0, 1], [-1, 0.5], [2, -1], [0.5, 0.5]])
    m, v = x.mean(0), x.var(0)
    mean, var = np.zeros(2), np.ones(2)
    for _ in range(4):                                           # two calls set the state: the mean of both is stored
        mean = 0.9 * mean + 0.1 * (m + 3 * m + 1) / 2
        var = 0.9 * var + 0.1 * (v + 9 * v) / 2
    check("running mean of two calls", near, stored(folder, "state/one/batch_norm/mean"), mean, EXACT, "mean")
    check("running variance of two calls", near, stored(folder, "state/one/batch_norm/variance"), var, EXACT, "variance")
    near(series(folder, "first"), np.full(4, np.mean((x - m)**2 / (v + 1e-5))), EXACT, "in training: statistics of the batch")
    check("momentum", near, stored(folder, "state/two/batch_norm/mean"), m * (1 - 0.5**4), EXACT, "mean")
    var2 = 0.5**4 + v * (1 - 0.5**4)
    near(series(folder, "other")[0], np.mean((x - m)**2 / (v + 1e-5)), EXACT, "a network that any player of the phase updates is in training mode")
    near(metrics(folder)["square"], np.mean((x - m * (1 - 0.5**4))**2 / (var2 + 1e-5)), EXACT, "in evaluation: running statistics")
    near(metrics(folder)["seen"], np.mean(np.max((x - mean) / np.sqrt(var + 1e-5), 1)), EXACT, "in evaluation: running statistics")


def noise(temporary):
    """Each place draws for itself; training and evaluation draw apart; moments."""
    folder = experiment(temporary, "noise", """batch: 500
samplers:
  z: {normal: {shape: [2]}}
  u: {uniform: {low: 0, high: 1, shape: [2]}}
networks:
  drop: {layers: [dropout: {rate: 0.25}]}
graph:
  ones: 1 + 0 * z
  first: {dropout: {rate: 0.25}, in: ones, mode: train}
  second: {dropout: {rate: 0.25}, in: ones, mode: train}
  pair: normal() - normal()
  same: z - z
  kept: drop(ones)
evaluate:
  examples: 20000
  metrics:
    equal: mean(first == second)
    scale: mean(first)
    values: mean((first == 0) + (first == 1 / 0.75))
    pair: var(pair over batch)
    same: max(abs(same) over all)
    kept: max(abs(kept - 1) over all)
    mean: mean(z)
    var: var(z over batch)
    corner: mean(u over batch)
    square: mean(u^2 over batch)
    mixed: mean(slice(z, 0, 1) * slice(z, 1, 2))
""")
    found = metrics(folder)
    wanted = {"equal": (0.75**2 + 0.25**2, 0.01), "scale": (1, 0.01), "values": (1, 0), "pair": (2, 0.06), "same": (0, 0), "kept": (0, 0),
        "mean": (0, 0.02),
              "var": (np.ones(2), 0.04), "corner": (np.full(2, 0.5), 0.01), "square": (np.full(2, 1 / 3), 0.01), "mixed": (0, 0.03)}
    for name, (value, tolerance) in wanted.items():
        check(f"noise {name}", near, found.get(name, []), value, tolerance, name)


def inverses(temporary):
    """x = inverse(f, f(x)), and log_det against the determinant of the Jacobian taken by gradient()."""
    folder = experiment(temporary, "inverses", """batch: 16
samplers:
  z: {normal: {shape: [2]}}
networks:
  f:
    layers:
      - affine_coupling: {net: [dense: {units: 8}, tanh, dense: {units: out}]}
      - reverse
      - additive_coupling: {net: [dense: {units: 8}, tanh, dense: {units: out}]}
      - permute
      - scaling
      - affine_coupling: {net: [dense: {units: 8}, tanh, dense: {units: out}]}
      - leaky_relu: {slope: 0.3}
graph:
  y: f(z)
  back: inverse(f, y)
  by_0: gradient(pick(y, 0), z)
  by_1: gradient(pick(y, 1), z)
  log_det: f(z).log_det
  jacobian: log(abs(pick(by_0, 0) * pick(by_1, 1) - pick(by_0, 1) * pick(by_1, 0)))
train:
  - phase: fit
    steps: 20
    players:
      - {name: f, update: f, minimize: "mean(sum((y - 1)^2 over features) / 2 - log_det)", optimizer: {adam: {rate: 0.02}}}
evaluate:
  examples: 64
  metrics: {trip: max(abs(back - z) over all), det: max(abs(log_det - jacobian) over all), size: mean(abs(log_det))}
""")
    found = metrics(folder)
    need(found["trip"] < 1e-12 and found["det"] < 1e-12, f"round trip {found['trip']}, log_det {found['det']}")
    need(found["size"] > 0.01, "the network is volume preserving: nothing was tested")


def run_again(temporary):
    """use: RUN#NAME: structure and weights of another run, frozen; @best."""
    first = experiment(temporary, "teacher",
        "batch: 8\nsamplers: {z: {normal: {shape: [2]}}}\nnetworks:\n  g: {layers: [dense: {units: 3}, tanh, batch_norm]}\n" + """train:
  - phase: play
    steps: 5
    players:
      - {name: g, update: g, minimize: mean((g(z) - 1)^2), optimizer: {sgd: {rate: 0.1}}}
evaluate: {every: 1 steps, examples: 32, metrics: {error: mean((g(z) - 1)^2)}}
checkpoint: {best: error}
""")
    second = experiment(temporary, "pupil", f"""batch: 8
samplers: {{z: {{normal: {{shape: [2]}}}}}}
networks:
  old: {{use: {first}#g}}
  best: {{use: {first}@best#g}}
  new: {{layers: [dense: {{units: 3}}]}}
train:
  - phase: play
    steps: 3
    players:
      - {{name: new, update: new, minimize: mean((new(z) - old(z))^2 + 0 * best(z)), optimizer: {{sgd: {{rate: 0.1}}}}}}
evaluate: {{examples: 32, metrics: {{error: mean((old(z) - 1)^2)}}}}
""")
    a, b = arrays(checkpoints(first)[-1]), arrays(checkpoints(second)[-1])
    for name in [n for n in a if n.startswith(("params/g/", "state/g/"))]:
        need(a[name] == b[name.replace("/g/", "/old/")], f"{name} differs in the run that uses it")
    best = arrays(os.path.join(first, "checkpoints", "best.h5"))
    need(best["params/g/dense/weight"] == b["params/best/dense/weight"], "@best")
    need(abs(metrics(first)["error"] - metrics(second)["error"]) < EXACT, "the same network has another error")


def tests(temporary):
    for what in (functions, calculus, laws, optimizers, averages, simultaneous, repeats, unrolled, batch_norm, noise, inverses, run_again):
        check(what.__name__, what, temporary)


if __name__ == "__main__":
    main(tests)
