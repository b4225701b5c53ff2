#!/usr/bin/env python3
"""Peers of the framework on CPU: PyTorch and JAX, the same nine workloads.

  peer.py torch NAME VARIANT THREADS     one JSON line, ms per training step
  peer.py jax   NAME VARIANT THREADS
  peer.py gemm torch|numpy|jax THREADS   GF/s of a 1024^3 sgemm

NAME     vae gan1d wgangp realnvp glow dcgan28 dcgan64 vae_sample dcgan64_sample;
         whole runs: run_vae run_gan1d
VARIANT  words joined by '+':
  torch  eager | foreach | single | fused      optimiser implementation (eager = torch's default)
         compile | autotune | ro              torch.compile default / max-autotune-no-cudagraphs / reduce-overhead
         copt    the optimiser step is compiled too
         full    forward, backward and update in ONE compiled graph (torch.func.grad + hand-written update)
         cppw    inductor cpp_wrapper         cl  channels_last      ftz  flush denormals
         mal     glibc: no mmap, no trim      lu  LU-parametrised 1x1 conv (glow)
         funcgp  gradient penalty through torch.func.grad (wgangp)
         bind    OMP_PROC_BIND=true (2 threads: stops libgomp's spinning threads from sharing a core)
         bf16    bf16 matmul/conv inside f32 tensors (NOT float32: side information only)
         block   gan1d: random batches drawn 100 iterations at a time
  jax    jit | scan       one step per call / lax.scan of 100 steps per call (donated state in both)
         optax   optax instead of the hand-written update     rbg  rbg generator instead of threefry
         lu      as above              im2col  convolutions written by the user as slices + matmul (XLA's own are slow on CPU)
THREADS  1 pins the process to core 0 (PEER_PIN=0: does not), 2 uses both cores.
Environment: PEER_WIN seconds per window (.5), PEER_NWIN windows (7), PEER_MNIST directory of the IDX files.
"""
import os, sys, time, json, resource, math, gzip

def _since_start():
    """Seconds since this process was started (exec): what a user has waited."""
    with open('/proc/self/stat') as f: t = int(f.read().rsplit(')', 1)[1].split()[19])
    with open('/proc/uptime') as f: up = float(f.read().split()[0])
    return up - t / os.sysconf('SC_CLK_TCK')

HERE = os.path.dirname(os.path.abspath(__file__))
MNIST = os.environ.get('PEER_MNIST') or os.path.join(HERE, '..', '..', 'experiments', 'data', 'mnist')
WIN, NWIN = float(os.environ.get('PEER_WIN', .5)), int(os.environ.get('PEER_NWIN', 7))

def mnist(kind='train'):
    import numpy as np
    f = os.path.join(MNIST, f"{'train' if kind == 'train' else 't10k'}-images-idx3-ubyte.gz")
    with gzip.open(f) as h: b = h.read()
    return np.multiply(np.frombuffer(b, np.uint8, offset=16).reshape(-1, 784), np.float32(1 / 255), dtype=np.float32)   # one copy: RSS is reported

def rss_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

def emit(**k):
    print(json.dumps(k), flush=True)

def measure(calls, sync=lambda: None, per_call=1):
    """calls(): run per_call steps.  Median/min/all ms per step over NWIN windows of about WIN seconds."""
    t = time.perf_counter(); calls(); sync(); first = time.perf_counter() - t
    wait = _since_start()
    n, spent, one = 0, 0., []
    while (spent < 1. and n < 2000) or n < 3:                      # warm-up: a second, at least 3 calls
        t = time.perf_counter(); calls(); sync(); one.append(time.perf_counter() - t); spent += one[-1]; n += 1
        if n == 2: spent, one = 0., []                              # second call may still compile (other guards)
    one = sorted(one)[len(one) // 4]
    k = max(1, round(WIN / one)); w = []
    for _ in range(NWIN):
        t = time.perf_counter()
        for _ in range(k): calls()
        sync(); w.append((time.perf_counter() - t) / (k * per_call) * 1e3)
    s = sorted(w)
    return dict(median_ms=round(s[len(s) // 2], 4), min_ms=round(s[0], 4), max_ms=round(s[-1], 4), windows=len(s),
                steps_per_window=k * per_call, first_call_s=round(first, 3), start_to_first_step_s=round(wait, 2))

# --------------------------------------------------------------------------------------------------- torch
def torch_main(name, variant, threads):
    v = set(variant.split('+'))
    if 'mal' in v and os.environ.get('MALLOC_TRIM_THRESHOLD_') is None:      # before the first malloc: re-execute
        os.environ.update(MALLOC_MMAP_THRESHOLD_='4294967296', MALLOC_TRIM_THRESHOLD_='4294967296', MALLOC_TOP_PAD_='67108864')
        os.execv(sys.executable, [sys.executable] + sys.argv)
    if 'bind' in v and os.environ.get('OMP_PROC_BIND') is None:
        os.environ['OMP_PROC_BIND'] = 'true'; os.execv(sys.executable, [sys.executable] + sys.argv)
    import numpy as np, torch, torch.nn.functional as F
    torch.set_num_threads(threads)
    if 'ftz' in v: assert torch.set_flush_denormal(True)
    if 'bf16' in v:
        torch.backends.mkldnn.conv.fp32_precision = 'bf16'; torch.backends.mkldnn.matmul.fp32_precision = 'bf16'
    if v & {'compile', 'autotune', 'ro', 'copt', 'full', 'cppw'}:
        import torch._inductor.config as ic
        if 'cppw' in v: ic.cpp_wrapper = True
    torch.manual_seed(0)
    mode = 'max-autotune-no-cudagraphs' if 'autotune' in v else 'reduce-overhead' if 'ro' in v else None
    comp = v & {'compile', 'autotune', 'ro'}
    jit = (lambda f: torch.compile(f, mode=mode, dynamic=False)) if comp else (lambda f: f)

    def optimiser(ps, kind, **k):
        impl = dict(fused=True) if 'fused' in v else dict(foreach=True) if 'foreach' in v else dict(foreach=False) if 'single' in v else {}
        o = {'adam': torch.optim.Adam, 'sgd': torch.optim.SGD}[kind](ps, **k, **impl)
        return o, (torch.compile(o.step, dynamic=False) if 'copt' in v else o.step)

    def lin(i, o, zero_bias=False):
        b = 1 / math.sqrt(i)
        return [torch.empty(o, i).uniform_(-b, b).requires_grad_(), torch.empty(o).uniform_(-b, b).requires_grad_()]

    def one_loss(ps, loss, batch, kind='adam', **k):
        """The workloads with one loss and one optimiser."""
        if 'full' in v:
            b1, b2 = k.get('betas', (.9, .999)); lr = k['lr']
            st = [p.detach().clone() for p in ps]; m = [torch.zeros_like(p) for p in st]; s = [torch.zeros_like(p) for p in st]
            t = torch.zeros(())
            def whole(st, m, s, t, *b):
                g = torch.func.grad(lambda q: loss(q, *b))(st)
                t.add_(1); a = lr * torch.sqrt(1 - b2 ** t) / (1 - b1 ** t); e = 1e-8 * torch.sqrt(1 - b2 ** t)
                for p, mm, ss, gg in zip(st, m, s, g):
                    mm.mul_(b1).add_(gg, alpha=1 - b1); ss.mul_(b2).addcmul_(gg, gg, value=1 - b2)
                    p.sub_(a * mm / (ss.sqrt() + e))
            f = torch.compile(whole, dynamic=False, fullgraph=True, mode=mode)
            def step():
                with torch.no_grad(): f(st, m, s, t, *batch())
            return step
        o, ostep = optimiser(ps, kind, **k); f = jit(loss)
        def step():
            o.zero_grad(set_to_none=True); f(ps, *batch()).backward(); ostep()
        return step

    def cycle(x, n):
        i = [0]; parts = [p.contiguous() for p in x.split(n) if len(p) == n]
        def nxt():
            i[0] = (i[0] + 1) % len(parts); return parts[i[0]]
        return nxt

    # ---- 1 vae
    def vae_params(): return lin(784, 400) + lin(400, 20) + lin(400, 20) + lin(20, 400) + lin(400, 784)
    def vae_loss(p, x, eps):
        h = F.relu(F.linear(x, p[0], p[1])); mu, lv = F.linear(h, p[2], p[3]), F.linear(h, p[4], p[5])
        z = mu + torch.exp(.5 * lv) * eps
        y = F.linear(F.relu(F.linear(z, p[6], p[7])), p[8], p[9])
        return (F.binary_cross_entropy_with_logits(y, x, reduction='sum') - .5 * torch.sum(1 + lv - mu * mu - lv.exp())) / x.shape[0]
    def vae():
        nx = cycle(torch.from_numpy(mnist()), 128)
        return one_loss(vae_params(), vae_loss, lambda: (nx(), torch.randn(128, 20)), lr=1e-3)
    def vae_sample():
        p = [q.detach() for q in vae_params()]
        f = jit(lambda z: torch.sigmoid(F.linear(F.relu(F.linear(z, p[6], p[7])), p[8], p[9])))
        def step():
            with torch.inference_mode(not comp), torch.no_grad(): return f(torch.randn(1024, 20))
        return step

    # ---- 2 the 1-D GAN
    def mlp3(x, p): return torch.tanh(F.linear(torch.tanh(F.linear(torch.tanh(F.linear(x, p[0], p[1])), p[2], p[3])), p[4], p[5]))
    def gan1d(M=200):
        gen, dis = lambda z, p: 5 * mlp3(z, p), lambda x, p: torch.clamp(mlp3(x, p), .01, .99)
        gp, dp = lin(1, 6) + lin(6, 5) + lin(5, 1), lin(1, 6) + lin(6, 5) + lin(5, 1)
        zl = torch.linspace(-5, 5, M); B, buf = 100, []
        def draw():
            if 'block' not in v: return (-1 + torch.randn(M).sort()[0]).unsqueeze(1), (zl + torch.rand(M) * .01).unsqueeze(1), (zl + torch.rand(M) * .01).unsqueeze(1)
            if not buf:
                x = (-1 + torch.randn(B, M).sort(1)[0]).unsqueeze(2); z = (zl + torch.rand(B, 2, M) * .01).unsqueeze(3)
                buf.extend(zip(x.unbind(), z[:, 0].unbind(), z[:, 1].unbind()))
            return buf.pop()
        def dl(dp, fake, x): return -(torch.log(dis(x, dp)) + torch.log(1 - dis(fake, dp))).mean()
        def gl(gp, dp, z): return -torch.log(dis(gen(z, gp), dp)).mean()
        if 'full' in v:
            G, D = [p.detach().clone() for p in gp], [p.detach().clone() for p in dp]
            vg, vd = [torch.zeros_like(p) for p in G], [torch.zeros_like(p) for p in D]
            def whole(G, D, vg, vd, x, z, z2):
                for m, g, p in zip(vd, torch.func.grad(dl)(D, gen(z, G), x), D): m.mul_(.6).add_(g); p.sub_(1e-3 * m)
                for m, g, p in zip(vg, torch.func.grad(gl)(G, D, z2), G): m.mul_(.6).add_(g); p.sub_(1e-3 * m)
            f = torch.compile(whole, dynamic=False, fullgraph=True, mode=mode)
            def step():
                with torch.no_grad(): f(G, D, vg, vd, *draw())
            return step
        og, gs = optimiser(gp, 'sgd', lr=1e-3, momentum=.6); od, ds = optimiser(dp, 'sgd', lr=1e-3, momentum=.6)
        dlc, glc, genc = jit(dl), jit(gl), jit(gen)
        def step():
            x, z, z2 = draw()
            with torch.no_grad(): fake = genc(z, gp)
            od.zero_grad(set_to_none=True); dlc(dp, fake, x).backward(); ds()
            og.zero_grad(set_to_none=True)
            if comp: glc(gp, dd, z2).backward()
            else: gl(gp, dp, z2).backward(inputs=gp)          # no weight gradients for D
            gs()
        dd = [p.detach() for p in dp]                           # shares storage with dp
        return step

    # ---- 3 WGAN-GP critic step
    def wgangp():
        def net(x, p):
            for i in (0, 2, 4): x = F.leaky_relu(F.linear(x, p[i], p[i + 1]), .2)
            return F.linear(x, p[6], p[7])
        gp = [q.detach() for q in lin(2, 128) + lin(128, 128) + lin(128, 128) + lin(128, 2)]
        cp = lin(2, 128) + lin(128, 128) + lin(128, 128) + lin(128, 1)
        func = 'funcgp' in v or 'full' in v
        def loss(p, x, z, a):
            with torch.no_grad(): f = net(z, gp)
            xi = f + a * (x - f)
            if func: g = torch.func.grad(lambda t: net(t, p).sum())(xi)
            else:
                xi = xi.detach().requires_grad_(); g, = torch.autograd.grad(net(xi, p).sum(), xi, create_graph=True)
            gpen = ((g.norm(2, dim=1) - 1) ** 2).mean()
            return net(f, p).mean() - net(x, p).mean() + .1 * gpen
        nx = cycle(torch.randn(65536, 2), 256)
        return one_loss(cp, loss, lambda: (nx(), torch.randn(256, 2), torch.rand(256, 1)), lr=1e-4, betas=(.5, .9))

    # ---- 4 RealNVP in 2-D: one 1-128-128-2 network (s and t) per coupling, alternating coordinate
    def realnvp(K=8):
        ps = [q for _ in range(K) for q in lin(1, 128) + lin(128, 128) + lin(128, 2)]
        def loss(p, x):
            a, b = x[:, :1], x[:, 1:]; ld = 0.
            for k in range(K):
                q = p[6 * k:6 * k + 6]
                h = F.linear(F.relu(F.linear(F.relu(F.linear(a, q[0], q[1])), q[2], q[3])), q[4], q[5])
                s = torch.tanh(h[:, :1]); a, b = b * torch.exp(s) + h[:, 1:], a; ld = ld + s
            return (.5 * (a * a + b * b) - ld).mean() + math.log(2 * math.pi)
        nx = cycle(torch.randn(65536, 2) * torch.tensor([1., .5]) + 1, 256)
        return one_loss(ps, loss, lambda: (nx(),), lr=1e-3)

    # ---- 5 one Glow level
    def glow(K=4, C=12, W=64, N=64, H=16):
        cl = dict(memory_format=torch.channels_last) if 'cl' in v else {}
        n = 0; ps = []; R = lambda *s: (torch.randn(*s) * .05)
        if 'lu' in v:
            P = []
        for k in range(K):
            w = torch.linalg.qr(torch.randn(C, C))[0]
            if 'lu' in v:
                Pm, L, U = torch.linalg.lu(w); P.append(Pm); d = U.diagonal()
                mix = [L.tril(-1), U.triu(1), d.abs().log(), d.sign()]
            else: mix = [w, torch.zeros(1), torch.zeros(1), torch.zeros(1)]
            ps += [torch.zeros(1, C, 1, 1), torch.zeros(1, C, 1, 1), *mix, R(W, C // 2, 3, 3), torch.zeros(W), R(W, W, 1, 1), torch.zeros(W),
                   R(C, W, 3, 3), torch.zeros(C)]
        sg = [ps[12 * k + 5] for k in range(K)]                 # signs: constants
        ps = [p.contiguous(memory_format=torch.channels_last) if cl and p.dim() == 4 else p for p in ps]
        idx = [i for i in range(12 * K) if i % 12 not in ((5,) if 'lu' in v else (3, 4, 5))]
        eye = torch.eye(C)
        def loss(tp, x):
            p = list(ps)
            for i, q in zip(idx, tp): p[i] = q
            ld = 0.; x0 = x
            for k in range(K):
                q = p[12 * k:12 * k + 12]
                x = (x + q[0]) * torch.exp(q[1]); ld = ld + H * H * q[1].sum()
                if 'lu' in v:
                    w = P[k] @ (q[2].tril(-1) + eye) @ (q[3].triu(1) + torch.diag(sg[k] * q[4].exp())); ld = ld + H * H * q[4].sum()
                else: w = q[2]; ld = ld + H * H * torch.linalg.slogdet(w)[1]
                x = F.conv2d(x, w[:, :, None, None])
                a, b = x[:, :C // 2], x[:, C // 2:]
                h = F.conv2d(F.relu(F.conv2d(F.relu(F.conv2d(a, q[6], q[7], padding=1)), q[8], q[9])), q[10], q[11], padding=1)
                hs = h[:, :C // 2] + 2; s = torch.sigmoid(hs); ls = F.logsigmoid(hs)
                x = torch.cat([a, (b + h[:, C // 2:]) * s], 1); ld = ld + ls.sum() / N
            return .5 * (x * x).sum() / N - ld + .5 * C * H * H * math.log(2 * math.pi)
        tp = [ps[i].detach().clone(memory_format=torch.preserve_format).requires_grad_() for i in idx]
        data = [torch.randn(N, C, H, H).contiguous(**cl) for _ in range(8)]; i = [0]
        def batch(): i[0] = (i[0] + 1) % 8; return data[i[0]],
        return one_loss(tp, loss, batch, lr=1e-3)

    # ---- 6, 7 DCGANs
    def mk(*s): return (torch.randn(*s) * .02).contiguous(**(dict(memory_format=torch.channels_last) if 'cl' in v and len(s) == 4 else {})).requires_grad_()
    def bnp(c): return [(1 + .02 * torch.randn(c)).requires_grad_(), torch.zeros(c, requires_grad=True)]
    def bns(*cs): return [t for c in cs for t in (torch.zeros(c), torch.ones(c))]
    bce = F.binary_cross_entropy_with_logits

    def nets28():
        gp = [mk(7 * 7 * 128, 100), torch.zeros(7 * 7 * 128, requires_grad=True)] + bnp(7 * 7 * 128) + [mk(128, 64, 4, 4)] + bnp(64) + [mk(64, 1, 4, 4), torch.zeros(1, requires_grad=True)]
        dp = [mk(64, 1, 4, 4), torch.zeros(64, requires_grad=True), mk(128, 64, 4, 4)] + bnp(128) + [mk(1, 128 * 7 * 7), torch.zeros(1, requires_grad=True)]
        gs, ds = bns(7 * 7 * 128, 64), bns(128)
        def G(p, s, z, train=True):
            h = F.relu(F.batch_norm(F.linear(z, p[0], p[1]), s[0], s[1], p[2], p[3], train)).view(-1, 128, 7, 7)
            if 'cl' in v: h = h.contiguous(memory_format=torch.channels_last)
            h = F.relu(F.batch_norm(F.conv_transpose2d(h, p[4], None, 2, 1), s[2], s[3], p[5], p[6], train))
            return torch.sigmoid(F.conv_transpose2d(h, p[7], p[8], 2, 1))
        def D(p, s, x):
            h = F.leaky_relu(F.conv2d(x, p[0], p[1], 2, 1), .2)
            h = F.leaky_relu(F.batch_norm(F.conv2d(h, p[2], None, 2, 1), s[0], s[1], p[3], p[4], True), .2)
            return F.linear(h.flatten(1), p[5], p[6])
        real = torch.from_numpy(mnist()[:64 * 100]).view(-1, 1, 28, 28)
        return G, D, gp, dp, gs, ds, real, (64, 100)

    def nets64():
        ch = [100, 512, 256, 128, 64, 3]
        gp, dp = [], []
        for i in range(5): gp += [mk(ch[i], ch[i + 1], 4, 4)] + (bnp(ch[i + 1]) if i < 4 else [])
        dch = [3, 64, 128, 256, 512, 1]
        for i in range(5): dp += [mk(dch[i + 1], dch[i], 4, 4)] + (bnp(dch[i + 1]) if 0 < i < 4 else [])
        gs, ds = bns(512, 256, 128, 64), bns(128, 256, 512)
        def G(p, s, z, train=True):
            h = z
            for i in range(4):
                h = F.conv_transpose2d(h, p[3 * i], None, *((1, 0) if i == 0 else (2, 1)))
                h = F.relu(F.batch_norm(h, s[2 * i], s[2 * i + 1], p[3 * i + 1], p[3 * i + 2], train))
            return torch.tanh(F.conv_transpose2d(h, p[12], None, 2, 1))
        def D(p, s, x):
            h = F.leaky_relu(F.conv2d(x, p[0], None, 2, 1), .2)
            for i in range(3):
                h = F.conv2d(h, p[3 * i + 1], None, 2, 1)
                h = F.leaky_relu(F.batch_norm(h, s[2 * i], s[2 * i + 1], p[3 * i + 2], p[3 * i + 3], True), .2)
            return F.conv2d(h, p[10]).view(-1, 1)
        return G, D, gp, dp, gs, ds, torch.rand(64 * 8, 3, 64, 64) * 2 - 1, (64, 100, 1, 1)

    def dcgan(nets):
        G, D, gp, dp, gs, ds, real, zs = nets()
        if 'cl' in v: real = real.contiguous(memory_format=torch.channels_last)
        parts = [t.contiguous(memory_format=torch.channels_last) if 'cl' in v else t.contiguous() for t in real.split(64)]; i = [0]
        og, gstep = optimiser(gp, 'adam', lr=2e-4, betas=(.5, .999)); od, dstep = optimiser(dp, 'adam', lr=2e-4, betas=(.5, .999))
        one, zero = torch.ones(64, 1), torch.zeros(64, 1)
        Gf = jit(lambda p, z: G(p, gs, z))
        dl = jit(lambda p, x, f: bce(D(p, ds, x), one) + bce(D(p, ds, f), zero))
        gl = jit(lambda p, f: bce(D(p, ds, f), one))
        dd = [p.detach() for p in dp]                           # same storage, no gradient: the G phase computes no dD
        def step():
            i[0] = (i[0] + 1) % len(parts); x = parts[i[0]]; z = torch.randn(*zs)
            fake = Gf(gp, z)                                    # one forward, used by both updates (the PyTorch example does this)
            od.zero_grad(set_to_none=True); dl(dp, x, fake.detach()).backward(); dstep()
            og.zero_grad(set_to_none=True); gl(dd, fake).backward(); gstep()
        return step
    def dcgan28(): return dcgan(nets28)
    def dcgan64(): return dcgan(nets64)
    def dcgan64_sample():
        G, _, gp, _, gs, _, _, zs = nets64(); gp = [p.detach() for p in gp]
        f = jit(lambda z: G(gp, gs, z, False))
        def step():
            z = torch.randn(*zs)
            if 'cl' in v: z = z.contiguous(memory_format=torch.channels_last)
            with torch.inference_mode(not comp), torch.no_grad(): return f(z)
        return step

    # ---- whole runs
    def run_vae(epochs=10, B=128):
        x, xt = torch.from_numpy(mnist()), torch.from_numpy(mnist('test')); t0 = time.perf_counter()
        ps = vae_params(); b = [None]
        step = one_loss(ps, vae_loss, lambda: b[0], lr=1e-3); n = len(x) // B + 1; first = None
        for e in range(epochs):
            pm = torch.randperm(len(x))
            for i in range(n):                                  # 469 steps; the last batch is the last 128 of the permutation
                b[0] = (x[pm[min(i * B, len(x) - B):][:B]], torch.randn(B, 20)); step()
                if first is None: first = time.perf_counter() - t0
        t1 = time.perf_counter()
        with torch.no_grad(): el = sum(vae_loss(ps, c, torch.randn(len(c), 20)).item() for c in xt.split(1000)) / 10
        emit(fw='torch', name='run_vae', variant=variant, threads=threads, train_s=round(t1 - t0, 3), first_step_s=round(first, 2),
             test_neg_elbo=round(el, 2), total_s_from_start=round(_since_start(), 2), rss_mb=round(rss_mb()))
    def run_gan1d(iters=10000):
        t0 = time.perf_counter(); step = gan1d()
        step(); first = time.perf_counter() - t0
        for _ in range(iters - 1): step()
        t1 = time.perf_counter()
        emit(fw='torch', name='run_gan1d', variant=variant, threads=threads, train_s=round(t1 - t0, 3), first_step_s=round(first, 2),
             total_s_from_start=round(_since_start(), 2), rss_mb=round(rss_mb()))

    f = dict(vae=vae, gan1d=gan1d, wgangp=wgangp, realnvp=realnvp, glow=glow, dcgan28=dcgan28, dcgan64=dcgan64, vae_sample=vae_sample,
             dcgan64_sample=dcgan64_sample, run_vae=run_vae, run_gan1d=run_gan1d)[name]
    if name.startswith('run_'): return f()
    r = measure(f())
    emit(fw='torch', name=name, variant=variant, threads=threads, **r, rss_mb=round(rss_mb()))

# --------------------------------------------------------------------------------------------------- jax
def jax_main(name, variant, threads):
    v = set(variant.split('+'))
    os.environ.setdefault('JAX_PLATFORMS', 'cpu')
    if threads == 1: os.environ['XLA_FLAGS'] = os.environ.get('XLA_FLAGS', '') + ' --xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1'
    import numpy as np, jax, jax.numpy as jnp
    from jax import lax
    from functools import partial
    if 'rbg' in v: jax.config.update('jax_default_prng_impl', 'unsafe_rbg')
    rng = np.random.default_rng(0); R = jax.random
    f32 = lambda a: jnp.asarray(np.asarray(a, np.float32))
    NSC = 100

    def lin(i, o):
        b = 1 / math.sqrt(i)
        return [f32(rng.uniform(-b, b, (i, o))), f32(rng.uniform(-b, b, (o,)))]
    def adam(lr, b1=.9, b2=.999, eps=1e-8):
        if 'optax' in v:
            import optax
            o = optax.adam(lr, b1, b2, eps)
            def upd(g, s, p):
                u, s = o.update(g, s, p); return optax.apply_updates(p, u), s
            return o.init, upd
        def init(p): return (jnp.zeros((), jnp.float32), [jnp.zeros_like(q) for q in p], [jnp.zeros_like(q) for q in p])
        def upd(g, st, p):
            t, m, s = st; t = t + 1; c = jnp.sqrt(1 - b2 ** t); a = lr * c / (1 - b1 ** t)
            m = [b1 * x + (1 - b1) * y for x, y in zip(m, g)]; s = [b2 * x + (1 - b2) * y * y for x, y in zip(s, g)]
            return [q - a * x / (jnp.sqrt(y) + eps * c) for q, x, y in zip(p, m, s)], (t, m, s)
        return init, upd

    def runner(step, state, data, B):
        """step(state, batch) -> state.  data: array or None; one call per step, or a scan of 100 steps reading slices of data."""
        state = [jax.tree.map(lambda a: jnp.array(a), state)]
        if 'scan' in v:
            if data is None: many = jax.jit(lambda s: lax.scan(lambda c, _: (step(c, None), None), s, None, NSC)[0], donate_argnums=0); call = lambda: many(state[0])
            else:
                nb = len(data) // B; d = jnp.asarray(data[:nb * B]).reshape((nb, B) + data.shape[1:])
                k = [0]
                def f(s, d_, i0): return lax.scan(lambda c, i: (step(c, lax.dynamic_index_in_dim(d_, i % nb, keepdims=False)), None), s, i0 + jnp.arange(NSC))[0]
                many = jax.jit(f, donate_argnums=0)
                def call():
                    k[0] = (k[0] + NSC) % nb; return many(state[0], d, k[0])
            per = NSC
        else:
            one = jax.jit(step, donate_argnums=0); per = 1
            parts = [None] if data is None else [jnp.asarray(data[i * B:(i + 1) * B]) for i in range(len(data) // B)]; k = [0]
            def call():
                k[0] = (k[0] + 1) % len(parts); return one(state[0], parts[k[0]])
        def calls(): state[0] = call()
        return calls, (lambda: jax.block_until_ready(state[0])), per

    def one_loss(loss, ps, data, B, opt):
        init, upd = opt
        def step(st, x):
            p, o, key = st; key, k = R.split(key)
            p, o = upd(jax.grad(loss)(p, x, k), o, p); return p, o, key
        return runner(step, (ps, init(ps), R.key(0)), data, B)

    softplus = lambda x: jnp.maximum(x, 0) + jnp.log1p(jnp.exp(-jnp.abs(x)))
    def bcel(y, x): return softplus(y) - x * y

    def vae_params(): return lin(784, 400) + lin(400, 20) + lin(400, 20) + lin(20, 400) + lin(400, 784)
    def vae_loss(p, x, key):
        h = jax.nn.relu(x @ p[0] + p[1]); mu, lv = h @ p[2] + p[3], h @ p[4] + p[5]
        z = mu + jnp.exp(.5 * lv) * R.normal(key, mu.shape)
        y = jax.nn.relu(z @ p[6] + p[7]) @ p[8] + p[9]
        return (bcel(y, x).sum() - .5 * jnp.sum(1 + lv - mu * mu - jnp.exp(lv))) / x.shape[0]
    def vae(): return one_loss(vae_loss, vae_params(), mnist(), 128, adam(1e-3))
    def sampler(f, zshape, n):
        one = jax.jit(lambda key: (f(R.normal(R.split(key)[0], zshape)), R.split(key)[1])); st = [None, R.key(0)]
        def calls(): st[:] = one(st[1])
        return calls, (lambda: jax.block_until_ready(st[0])), 1
    def vae_sample():
        p = vae_params(); return sampler(lambda z: jax.nn.sigmoid(jax.nn.relu(z @ p[6] + p[7]) @ p[8] + p[9]), (1024, 20), 1024)

    def mlp3(x, p): return jnp.tanh(jnp.tanh(jnp.tanh(x @ p[0] + p[1]) @ p[2] + p[3]) @ p[4] + p[5])
    def gan1d_step(M=200):
        gen, dis = lambda z, p: 5 * mlp3(z, p), lambda x, p: jnp.clip(mlp3(x, p), .01, .99)
        zl = jnp.linspace(-5, 5, M, dtype=jnp.float32)
        dl = lambda D, G, x, z: -jnp.mean(jnp.log(dis(x, D)) + jnp.log(1 - dis(gen(z, G), D)))
        gl = lambda G, D, z: -jnp.mean(jnp.log(dis(gen(z, G), D)))
        def step(st, _):
            G, D, vg, vd, key = st; key, a, b = R.split(key, 3)
            x = (-1 + jnp.sort(R.normal(a, (M,))))[:, None]; z = (zl + .01 * R.uniform(b, (2, M)))[:, :, None]
            vd = [.6 * m + g for m, g in zip(vd, jax.grad(dl)(D, G, x, z[0]))]; D = [p - 1e-3 * m for p, m in zip(D, vd)]
            vg = [.6 * m + g for m, g in zip(vg, jax.grad(gl)(G, D, z[1]))]; G = [p - 1e-3 * m for p, m in zip(G, vg)]
            return G, D, vg, vd, key
        G, D = lin(1, 6) + lin(6, 5) + lin(5, 1), lin(1, 6) + lin(6, 5) + lin(5, 1)
        return step, (G, D, [0 * p for p in G], [0 * p for p in D], R.key(0))
    def gan1d(): return runner(*gan1d_step(), None, 0)

    def wgangp():
        def net(x, p):
            for i in (0, 2, 4): x = jax.nn.leaky_relu(x @ p[i] + p[i + 1], .2)
            return x @ p[6] + p[7]
        gp = lin(2, 128) + lin(128, 128) + lin(128, 128) + lin(128, 2)
        def loss(p, x, key):
            k, l = R.split(key); f = net(R.normal(k, x.shape), gp); a = R.uniform(l, (x.shape[0], 1)); xi = f + a * (x - f)
            g = jax.grad(lambda t: net(t, p).sum())(xi)
            return net(f, p).mean() - net(x, p).mean() + .1 * jnp.mean((jnp.sqrt(jnp.sum(g * g, 1)) - 1) ** 2)
        return one_loss(loss, lin(2, 128) + lin(128, 128) + lin(128, 128) + lin(128, 1), rng.standard_normal((65536, 2), np.float32), 256, adam(1e-4, .5, .9))

    def realnvp(K=8):
        def loss(p, x, key):
            a, b = x[:, :1], x[:, 1:]; ld = 0.
            for k in range(K):
                q = p[6 * k:6 * k + 6]
                h = jax.nn.relu(jax.nn.relu(a @ q[0] + q[1]) @ q[2] + q[3]) @ q[4] + q[5]
                s = jnp.tanh(h[:, :1]); a, b = b * jnp.exp(s) + h[:, 1:], a; ld = ld + s
            return (.5 * (a * a + b * b) - ld).mean() + math.log(2 * math.pi)
        ps = [q for _ in range(K) for q in lin(1, 128) + lin(128, 128) + lin(128, 2)]
        return one_loss(loss, ps, (rng.standard_normal((65536, 2)) * [1., .5] + 1).astype(np.float32), 256, adam(1e-3))

    DN = ('NHWC', 'HWIO', 'NHWC')
    def conv(x, w, s, p):
        if 'im2col' in v:
            k, _, C, O = w.shape; N, H, W, _ = x.shape; h, u = (H + 2 * p - k) // s + 1, (W + 2 * p - k) // s + 1
            xp = jnp.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
            c = jnp.concatenate([xp[:, i:i + s * (h - 1) + 1:s, j:j + s * (u - 1) + 1:s] for i in range(k) for j in range(k)], -1)
            return (c.reshape(-1, k * k * C) @ w.reshape(-1, O)).reshape(N, h, u, O)
        return lax.conv_general_dilated(x, w, (s, s), [(p, p)] * 2, dimension_numbers=DN)
    def convT(x, w, s, p):                                       # k4: transposed convolution by input dilation
        if 'im2col' in v and s == 2 and p == 1:                  # col2im of x @ w: y[2(h+a)+b-1, 2(w+c)+d-1] += (x w)[h, w, a, b, c, d]
            N, H, W, C = x.shape; O = w.shape[3]
            z = (x.reshape(-1, C) @ w[::-1, ::-1].transpose(2, 0, 1, 3).reshape(C, -1)).reshape(N, H, W, 2, 2, 2, 2, O)
            z = sum(jnp.pad(z[:, :, :, a, :, c], ((0, 0), (a, 1 - a), (c, 1 - c), (0, 0), (0, 0), (0, 0))) for a in (0, 1) for c in (0, 1))
            return z.transpose(0, 1, 3, 2, 4, 5).reshape(N, 2 * H + 2, 2 * W + 2, O)[:, 1:-1, 1:-1]
        return lax.conv_general_dilated(x, w, (1, 1), [(3 - p, 3 - p)] * 2, lhs_dilation=(s, s), dimension_numbers=DN)

    def glow(K=4, C=12, W=64, N=64, H=16):
        ps, P, sg = [], [], []; n = lambda *s: f32(rng.standard_normal(s) * .05); z = lambda *s: jnp.zeros(s)
        import scipy.linalg as sl
        for k in range(K):
            w = np.linalg.qr(rng.standard_normal((C, C)))[0]
            if 'lu' in v:
                a, L, U = sl.lu(w); P.append(f32(a)); d = U.diagonal(); sg.append(f32(np.sign(d))); mix = [f32(np.tril(L, -1)), f32(np.triu(U, 1)), f32(np.log(abs(d)))]
            else: mix = [f32(w)]
            ps.append([z(C), z(C), n(3, 3, C // 2, W), z(W), n(1, 1, W, W), z(W), n(3, 3, W, C), z(C), mix])
        fl, tree = jax.tree.flatten(ps)
        def loss(p, x, key):
            ld = 0.
            for k, q in enumerate(jax.tree.unflatten(tree, p)):
                x = (x + q[0]) * jnp.exp(q[1]); ld = ld + H * H * q[1].sum()
                if 'lu' in v:
                    L, U, d = q[8]; w = P[k] @ (jnp.tril(L, -1) + jnp.eye(C)) @ (jnp.triu(U, 1) + jnp.diag(sg[k] * jnp.exp(d))); ld = ld + H * H * d.sum()
                else: w = q[8][0]; ld = ld + H * H * jnp.linalg.slogdet(w)[1]
                x = x @ w; a, b = x[..., :C // 2], x[..., C // 2:]
                h = jax.nn.relu(conv(a, q[2], 1, 1) + q[3]); h = jax.nn.relu(h @ q[4][0, 0] + q[5]); h = conv(h, q[6], 1, 1) + q[7]
                hs = h[..., :C // 2] + 2; x = jnp.concatenate([a, (b + h[..., C // 2:]) * jax.nn.sigmoid(hs)], -1)
                ld = ld + jax.nn.log_sigmoid(hs).sum() / N
            return .5 * (x * x).sum() / N - ld + .5 * C * H * H * math.log(2 * math.pi)
        return one_loss(loss, fl, rng.standard_normal((64 * 8, H, H, C), np.float32), 64, adam(1e-3))

    def bn(x, w, b, s, ax):
        m = x.mean(ax); var = (x * x).mean(ax) - m * m; c = x.size // m.size
        return (x - m) * (w * lax.rsqrt(var + 1e-5)) + b, [.9 * s[0] + .1 * m, .9 * s[1] + .1 * var * (c / (c - 1))]
    def bne(x, w, b, s): return (x - s[0]) * (w * lax.rsqrt(s[1] + 1e-5)) + b
    mk = lambda *s: f32(rng.standard_normal(s) * .02); bnp = lambda c: [f32(1 + .02 * rng.standard_normal(c)), jnp.zeros(c)]; bns = lambda *cs: [[jnp.zeros(c), jnp.ones(c)] for c in cs]
    lrelu = lambda x: jax.nn.leaky_relu(x, .2)
    def nets28():
        gp = [mk(100, 6272), jnp.zeros(6272)] + bnp(6272) + [mk(4, 4, 128, 64)] + bnp(64) + [mk(4, 4, 64, 1), jnp.zeros(1)]
        dp = [mk(4, 4, 1, 64), jnp.zeros(64), mk(4, 4, 64, 128)] + bnp(128) + [mk(6272, 1), jnp.zeros(1)]
        def G(p, s, z):
            h, s0 = bn(z @ p[0] + p[1], p[2], p[3], s[0], 0); h = jax.nn.relu(h).reshape(-1, 7, 7, 128)
            h, s1 = bn(convT(h, p[4], 2, 1), p[5], p[6], s[1], (0, 1, 2))
            return jax.nn.sigmoid(convT(jax.nn.relu(h), p[7], 2, 1) + p[8]), [s0, s1]
        def D(p, s, x):
            h = lrelu(conv(x, p[0], 2, 1) + p[1]); h, s0 = bn(conv(h, p[2], 2, 1), p[3], p[4], s[0], (0, 1, 2))
            return lrelu(h).reshape(x.shape[0], -1) @ p[5] + p[6], [s0]
        return G, D, gp, dp, bns(6272, 64), bns(128), mnist()[:6400].reshape(-1, 28, 28, 1), (64, 100)
    def nets64():
        ch, gp, dp = [100, 512, 256, 128, 64, 3], [], []
        for i in range(5): gp += [mk(4, 4, ch[i], ch[i + 1])] + (bnp(ch[i + 1]) if i < 4 else [])
        dc = [3, 64, 128, 256, 512, 1]
        for i in range(5): dp += [mk(4, 4, dc[i], dc[i + 1])] + (bnp(dc[i + 1]) if 0 < i < 4 else [])
        def G(p, s, z, train=True):
            h = (z @ p[0].transpose(2, 0, 1, 3).reshape(100, -1)).reshape(-1, 4, 4, 512); t = []      # 1x1 -> 4x4 is a dense layer
            for i in range(4):
                if i: h = convT(h, p[3 * i], 2, 1)
                if train: h, u = bn(h, p[3 * i + 1], p[3 * i + 2], s[i], (0, 1, 2)); t.append(u)
                else: h = bne(h, p[3 * i + 1], p[3 * i + 2], s[i])
                h = jax.nn.relu(h)
            return jnp.tanh(convT(h, p[12], 2, 1)), t
        def D(p, s, x):
            h = lrelu(conv(x, p[0], 2, 1)); t = []
            for i in range(3):
                h, u = bn(conv(h, p[3 * i + 1], 2, 1), p[3 * i + 2], p[3 * i + 3], s[i], (0, 1, 2)); t.append(u); h = lrelu(h)
            return h.reshape(x.shape[0], -1) @ p[10].reshape(-1, 1), t
        return G, D, gp, dp, bns(512, 256, 128, 64), bns(128, 256, 512), (rng.random((512, 64, 64, 3), np.float32) * 2 - 1), (64, 100)
    def dcgan(nets):
        G, D, gp, dp, gs, ds, real, zs = nets(); init, upd = adam(2e-4, .5, .999)
        def step(st, x):
            gp, dp, gs, ds, go, do, key = st; key, k = R.split(key); z = R.normal(k, zs)
            fake, gvjp, gs = jax.vjp(lambda q: G(q, gs, z), gp, has_aux=True)
            def dl(q):
                a, s = D(q, ds, x); b, s = D(q, s, fake); return softplus(-a).mean() + softplus(b).mean(), s
            g, ds = jax.grad(dl, has_aux=True)(dp); dp, do = upd(g, do, dp)
            def gl(f):
                a, s = D(dp, ds, f); return softplus(-a).mean(), s
            df, ds = jax.grad(gl, has_aux=True)(fake); gp, go = upd(gvjp(df)[0], go, gp)
            return gp, dp, gs, ds, go, do, key
        return runner(step, (gp, dp, gs, ds, init(gp), init(dp), R.key(0)), real, 64)
    def dcgan28(): return dcgan(nets28)
    def dcgan64(): return dcgan(nets64)
    def dcgan64_sample():
        G, _, gp, _, gs, _, _, zs = nets64(); return sampler(lambda z: G(gp, gs, z, False)[0], zs, 64)

    def run_vae(epochs=10, B=128):
        x, xt = jnp.asarray(mnist()), jnp.asarray(mnist('test')); t0 = time.perf_counter()
        init, upd = adam(1e-3); ps = vae_params(); n = len(x) // B + 1; N = len(x)
        def step(st, idx):
            p, o, key = st; key, k = R.split(key); b = x_[0][idx]
            p, o = upd(jax.grad(vae_loss)(p, b, k), o, p); return (p, o, key), None
        x_ = [None]
        def epoch(st, x):
            x_[0] = x; p, o, key = st; key, k = R.split(key); pm = R.permutation(k, N)
            pm = jnp.concatenate([pm[:(n - 1) * B], pm[-B:]]).reshape(n, B)
            return lax.scan(step, (p, o, key), pm)[0]
        f = jax.jit(epoch, donate_argnums=0); st = (ps, init(ps), R.key(0))
        st = jax.block_until_ready(f(st, x)); first = time.perf_counter() - t0
        for e in range(epochs - 1): st = f(st, x)
        jax.block_until_ready(st); t1 = time.perf_counter()
        el = sum(float(vae_loss(st[0], c, R.key(i))) for i, c in enumerate(jnp.split(xt, 10))) / 10
        emit(fw='jax', name='run_vae', variant=variant, threads=threads, train_s=round(t1 - t0, 3), first_epoch_s=round(first, 2),
             test_neg_elbo=round(el, 2), total_s_from_start=round(_since_start(), 2), rss_mb=round(rss_mb()))
    def run_gan1d(iters=10000):
        t0 = time.perf_counter(); step, st = gan1d_step()
        f = jax.jit(lambda s: lax.scan(lambda c, _: (step(c, None), None), s, None, iters)[0])
        jax.block_until_ready(f(st)); t1 = time.perf_counter()
        jax.block_until_ready(f(st)); t2 = time.perf_counter()
        emit(fw='jax', name='run_gan1d', variant=variant, threads=threads, train_s=round(t1 - t0, 3), second_run_s=round(t2 - t1, 3),
             total_s_from_start=round(_since_start() - (t2 - t1), 2), rss_mb=round(rss_mb()))

    f = dict(vae=vae, gan1d=gan1d, wgangp=wgangp, realnvp=realnvp, glow=glow, dcgan28=dcgan28, dcgan64=dcgan64, vae_sample=vae_sample,
             dcgan64_sample=dcgan64_sample, run_vae=run_vae, run_gan1d=run_gan1d)[name]
    if name.startswith('run_'): return f()
    calls, sync, per = f()
    r = measure(calls, sync, per)
    emit(fw='jax', name=name, variant=variant, threads=threads, **r, rss_mb=round(rss_mb()))

# --------------------------------------------------------------------------------------------------- machine
def gemm(lib, threads, n=1024):
    """GF/s of n^3 sgemm."""
    if lib == 'torch':
        import torch; torch.set_num_threads(threads); a, b = torch.randn(n, n), torch.randn(n, n); c = torch.empty(n, n); f = lambda: torch.mm(a, b, out=c)
    elif lib == 'numpy':
        os.environ['OPENBLAS_NUM_THREADS'] = str(threads)
        import numpy as np; a, b = (np.random.rand(n, n).astype(np.float32) for _ in 'ab'); c = np.empty((n, n), np.float32); f = lambda: np.matmul(a, b, out=c)
    else:
        if threads == 1: os.environ['XLA_FLAGS'] = '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1'
        import jax, jax.numpy as jnp; a = jax.random.normal(jax.random.key(0), (n, n)); g = jax.jit(lambda a: a @ a); f = lambda: g(a).block_until_ready()
    for _ in range(10): f()
    w = []
    for _ in range(9):
        t = time.perf_counter()
        for _ in range(10): f()
        w.append(2e-9 * n ** 3 * 10 / (time.perf_counter() - t))
    w.sort(); emit(gemm=lib, n=n, threads=threads, median_gflops=round(w[4], 1), max_gflops=round(w[-1], 1))

def main():
    for k in ('OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE'):
        if os.environ.pop(k, None) is not None: os.execv(sys.executable, [sys.executable] + sys.argv)
    cmd = sys.argv[1] if len(sys.argv) > 1 else ''
    if cmd in ('torch', 'jax'):
        name, variant, threads = sys.argv[2], sys.argv[3], int(sys.argv[4])
        if threads == 1 and os.environ.get('PEER_PIN', '1') != '0': os.sched_setaffinity(0, {0})
        try: (torch_main if cmd == 'torch' else jax_main)(name, variant, threads)
        except Exception as e:
            if os.environ.get('PEER_DEBUG'): raise
            emit(fw=cmd, name=name, variant=variant, threads=threads, error=f'{type(e).__name__}: {" ".join(str(e).split())[:400]}'); sys.exit(1)
    elif cmd == 'gemm':
        if sys.argv[3] == '1': os.sched_setaffinity(0, {0})
        gemm(sys.argv[2], int(sys.argv[3]))
    else: print(__doc__)

if __name__ == '__main__': main()
