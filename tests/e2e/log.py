#!/usr/bin/python3
"""The log of real runs as other tools read it: h5py by SWMR while it grows, xarray and netCDF4 and ncdump once it is closed and on
`fenchel log snapshot` of a running one; names, units, dimensions, images; a row a round, NaN where a player had no turn."""
import os
import signal
import subprocess
import time

import h5py
import numpy as np

from common import ENVIRONMENT, FENCHEL, YAML, check, fenchel, finish, main, need, run, write

try:
    import netCDF4
    import xarray as xr
except ImportError:                                              # pragma: no cover
    netCDF4 = xr = None

LONG = """
name: long
batch: 32
axes: {t: {from: 0, to: 2, size: 5}}
samplers: {x: {ring: {modes: 8, radius: 1, sd: 0.1}}, z: {normal: {shape: [2]}}}
networks: {g: {layers: [dense: {units: 64}, relu, dense: {units: 2}]}}
graph: {fake: g(z), error: mean((fake - x)^2)}
train:
  - phase: play
    steps: 2000000
    players:
      - {name: g, update: g, minimize: error, optimizer: {sgd: {rate: 0.001}}, log: {size: mean(fake^2)}}
      - {name: rare, update: g, repeat: step % 10 == 3, minimize: error, optimizer: {sgd: {rate: 0.001}}}
evaluate: {every: 500 steps, examples: 100, metrics: {error: mean(error), line: mean(fake) * t}}
"""


def series(group):
    return {n: d for n, d in group.items() if isinstance(d, h5py.Dataset) and not h5py.h5ds.is_scale(d.id) and n != "wall_time"}


def finished(temporary):
    folder = os.path.join(temporary, "vae")
    if not os.path.exists(folder):
        run("vae.yaml", folder)
    return folder


def names(temporary):
    """/train/step, /train/<player>, /train/<logged>, /evaluate/<metric>, /samples/<image>, /tensors/<name>."""
    with h5py.File(os.path.join(finished(temporary), "log.h5"), "r") as f:
        need(set(series(f["train"])) == {"model", "reconstruction", "kl"}, f"train: {sorted(series(f['train']))}")
        need(set(series(f["evaluate"])) == {"elbo", "averaged", "shares"}, f"evaluate: {sorted(series(f['evaluate']))}")
        need(set(series(f["samples"])) == {"digits"} and set(series(f["tensors"])) == {"codes", "line"}, "samples, tensors")
        need(list(f["train/step"][:]) == list(range(1, 21)), f"train/step: {f['train/step'][:]}")
        need(list(f["evaluate/step"][:]) == [0, 10, 20], f"evaluate/step: {f['evaluate/step'][:]}")
        for name in ("train/model", "evaluate/elbo", "tensors/codes", "samples/digits"):
            need(not np.isnan(f[name][:].astype(float)).any(), f"{name} has NaN")
        need(f["samples/digits"].dtype == np.uint8 and f["samples/digits"].shape == (3, 4, 28, 28, 1), f"samples/digits {f['samples/digits']}")
        need(f["samples/digits"][:].std() > 10, "the pictures are flat")
        need(f["tensors/codes"].shape == (3, 100, 3) and f["tensors/line"].shape == (3, 5), "tensors")
        need(np.allclose(f["t"][:] if "t" in f else f["tensors/t"][:], np.linspace(-1, 1, 5)), "coordinate of the axis t")
        need(np.allclose(f["tensors/line"][0], np.linspace(-1, 1, 5)), "tensors/line")
        need((f["train/model"][:] > 0).all() and f["train/model"][-1] < f["train/model"][0], "the objective falls")
        text = f["run/config_yaml"][()]
    with open(os.path.join(YAML, "vae.yaml"), "rb") as config:
        need(text == config.read(), "run/config_yaml is not the file")


def texts(temporary):
    """units, long_name, the count of the pass; attributes of the root."""
    def text(x):
        return x.decode() if isinstance(x, bytes) else x
    with h5py.File(os.path.join(finished(temporary), "log.h5"), "r") as f:
        for group in ("train", "evaluate", "samples", "tensors"):
            for name, d in series(f[group]).items():
                need(text(d.attrs["units"]) and text(d.attrs["long_name"]), f"{group}/{name}: units, long_name")
        need(text(f["evaluate/elbo"].attrs["units"]) == "nats/image", "units of elbo")
        need("negative evidence" in text(f["evaluate/elbo"].attrs["long_name"]), "long_name of elbo")
        need(text(f["train/kl"].attrs["units"]) == "nats", f"units of kl: {text(f['train/kl'].attrs['units'])}")
        need("250 examples" in text(f["evaluate/elbo"].attrs["count"]) and "test" in text(f["evaluate/elbo"].attrs["split"]), "count, split")
        need(text(f.attrs["title"]) == "vae" and text(f.attrs["seed"]) == "3" and "autoencoder" in text(f.attrs["about"]), "attributes of the root")
        need(int(f["run/status"][()]) == 1, f"status {f['run/status'][()]}")


def tools(path):
    """xarray by both engines, netCDF4, ncdump: the same values by the same names."""
    for group in ("train", "evaluate", "samples", "tensors"):
        with h5py.File(path, "r") as f:
            values = {name: d[:] for name, d in series(f[group]).items()}
        with xr.open_dataset(path, group=group, engine="h5netcdf") as a, xr.open_dataset(path, group=group, engine="netcdf4") as b:
            need(set(a.data_vars) == set(b.data_vars), f"{group}: {sorted(a.data_vars)} and {sorted(b.data_vars)}")
            need(a.equals(b), f"{group}: the engines differ")
            for name, x in values.items():
                need(name in a, f"{group}/{name} is missing")
                need(np.array_equal(a[name].values, x, equal_nan=x.dtype.kind == "f"), f"{group}/{name}: other values")
                need(all(not x.startswith("phony") for x in a[name].dims), f"{group}/{name}: {a[name].dims}")
    with netCDF4.Dataset(path) as d:
        need({"train", "evaluate", "samples", "tensors", "run"} <= set(d.groups), "groups")
    said = subprocess.run(["ncdump", "-h", path], capture_output=True, text=True, timeout=60, check=True).stdout
    need("group: evaluate" in said and "units" in said, said[:300])


def closed(temporary):
    tools(os.path.join(finished(temporary), "log.h5"))
    with xr.open_dataset(os.path.join(finished(temporary), "log.h5"), group="evaluate", engine="h5netcdf") as d:
        need(d["elbo"].dims == ("step",) and list(d["step"].values) == [0, 10, 20] and d["elbo"].attrs["units"] == "nats/image", str(d["elbo"]))
        need(d["shares"].shape == (3, 10) and d["wall_time"].dtype.kind == "M", str(d))


def rows(f, name, scale):
    f[scale].refresh()
    n = f[scale].shape[0]
    f[name].refresh()
    return f[scale][:n], f[name][:n]


def growing(folder):
    """One open file sees more and more rows; no row is half there."""
    seen = []
    with h5py.File(os.path.join(folder, "log.h5"), "r", libver="latest", swmr=True) as f:
        end = time.time() + 20
        while time.time() < end and len(set(seen)) < 4:
            steps, rare = rows(f, "train/rare", "train/step")
            _, loss = rows(f, "train/g", "train/step")
            need((steps == np.arange(1, len(steps) + 1)).all(), "train/step has holes")
            need(not np.isnan(loss[: len(steps)]).any(), "train/g has NaN")
            turn = (steps - 1) % 10 == 3
            need(not np.isnan(rare[: len(steps)][turn]).any() and np.isnan(rare[: len(steps)][~turn]).all(),
                "train/rare: NaN where it had no turn, and only there")
            steps, line = rows(f, "evaluate/line", "evaluate/step")
            need((np.diff(steps) == 500).all() and (len(steps) == 0 or steps[0] == 0) and not np.isnan(line).any(), f"evaluate/step {steps}")
            seen.append(len(loss))
            time.sleep(0.1)
    need(len(set(seen)) >= 4 and seen == sorted(seen), f"rows seen: {seen}")


def live(temporary):
    folder = os.path.join(temporary, "long")
    child = subprocess.Popen([FENCHEL, "run", write(temporary, "long.yaml", LONG), "-o", folder, "--quiet", "--threads", "1"], env=ENVIRONMENT,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        end = time.time() + 20
        while not os.path.exists(os.path.join(folder, "log.h5")) and time.time() < end:
            time.sleep(0.01)
        check("read while it grows", growing, folder)
        copy = os.path.join(temporary, "copy.h5")
        done = fenchel("log", "snapshot", folder, copy)
        need(done.returncode == 0, f"snapshot: {done.stderr}")
        need(child.poll() is None, "the run is over already: nothing was tested")
        check("tools on a snapshot of a running log", tools, copy)
        with h5py.File(copy, "r") as f:
            n = f["train/step"].shape[0]
            need(n > 0 and f["train/g"].shape[0] == n and f["train/wall_time"].shape[0] == n, "the snapshot has half a row")
        show = fenchel("log", "show", folder)
        need(show.returncode == 0 and "error" in show.stdout and "rare" in show.stdout, f"log show: {show.stdout}{show.stderr}")
        second = fenchel("run", os.path.join(temporary, "long.yaml"), "-o", folder, "--overwrite", "--quiet")
        need(second.returncode == 2 and "another run" in second.stderr,
            f"a second run in the folder of a running one: exit {second.returncode} {second.stderr}")
    finally:
        child.send_signal(signal.SIGINT)
        said = finish(child, 60)[1].decode()
    need(child.returncode == -signal.SIGINT, f"SIGINT: ended with {child.returncode}: {said}")
    check("tools on an interrupted log", tools, os.path.join(folder, "log.h5"))
    with h5py.File(os.path.join(folder, "log.h5"), "r") as f:
        need(int(f["run/status"][()]) == 2, "status is not interrupted")


def phases(temporary):
    """Series of two phases: NaN where a player is not in the phase; one name in both is one series; steps count the whole run."""
    text = LONG.split("train:")[0].replace("axes: {t: {from: 0, to: 2, size: 5}}\n", "") + """train:
  - phase: one
    steps: 3
    players:
      - {name: g, update: g, minimize: error, optimizer: {sgd: {rate: 0.001}}}
      - {name: only, update: g, minimize: error, optimizer: {sgd: {rate: 0.001}}}
  - phase: two
    steps: 2
    players:
      - {name: g, update: g, minimize: error, optimizer: {sgd: {rate: 0.001}}, log: {late: mean(fake)}}
evaluate: {examples: 10, metrics: {error: mean(error)}}
"""
    folder = os.path.join(temporary, "phases")
    run(write(temporary, "phases.yaml", text), folder)
    with h5py.File(os.path.join(folder, "log.h5"), "r") as f:
        need(list(f["train/step"][:]) == [1, 2, 3, 4, 5] and list(f["evaluate/step"][:]) == [3, 5], "steps")
        need(list(np.isnan(f["train/g"][:])) == [False] * 5, "g")
        need(list(np.isnan(f["train/only"][:])) == [False] * 3 + [True] * 2, "only")
        need(list(np.isnan(f["train/late"][:])) == [True] * 3 + [False] * 2, "late")


def pictures(temporary):
    """images/<name>-<step>.png: files that begin and end as PNG do."""
    folder = os.path.join(finished(temporary), "images")
    files = sorted(os.listdir(folder))
    for step in (0, 10, 20):
        need(f"digits-{step:06d}.png" in files and f"line-{step:06d}.png" in files, f"images: {files}")
    for name in files:
        with open(os.path.join(folder, name), "rb") as f:
            data = f.read()
        need(data[:8] == b"\x89PNG\r\n\x1a\n" and data[-8:-4] == b"IEND", name)


def tests(temporary):
    check("names", names, temporary)
    check("texts", texts, temporary)
    if xr:
        check("tools on a closed log", closed, temporary)
    check("a running log", live, temporary)
    check("phases", phases, temporary)
    check("pictures", pictures, temporary)


if __name__ == "__main__":
    main(tests)
