#!/usr/bin/python3
"""The command line and the life of a run: exit codes, folders, overrides, resume, signals, and the short commands."""
import os
import shutil
import signal
import subprocess
import time

import h5py

from common import (BUILD, ENVIRONMENT, FENCHEL, SMALL, SOURCE, YAML, arrays, check, checkpoints, fenchel, finish, main, metrics,
                    near, need, plugin, run, said, same_arrays, same_runs, small, write)

# ---- exit codes ----
def exit_codes(temporary):
    run(small(temporary), os.path.join(temporary, "met"), code=0)
    done = run(small(temporary), os.path.join(temporary, "unmet"), "evaluate.expect=[error <= 0]", code=4)
    need("nothing" not in done.stderr, done.stderr)
    run(small(temporary), os.path.join(temporary, "usage"), "batch=0", code=2)
    need(not os.path.exists(os.path.join(temporary, "usage")), "a folder was made for a file error")
    run(small(temporary), os.path.join(temporary, "numbers"), "parameters.rate=1e30", "precision=double", "train.play.steps=500", code=3)
    with h5py.File(os.path.join(temporary, "numbers", "log.h5"), "r") as f:
        need(int(f["run/status"][()]) == 3, "status of a failed run")
        need(len(f["train/step"]) > 0, "the rows before the failure are lost")
    done = fenchel("run", small(temporary), "-o", "/proc/none/run", "--quiet")
    need(done.returncode in (1, 2) and "/proc/none" in done.stderr, f"a folder that cannot be made: exit {done.returncode}: {done.stderr}")


def expectations(temporary):
    """The table of conditions is printed, in the log too; NaN fails its condition; every entry of a vector must hold."""
    done = fenchel("run", small(temporary), "-o", os.path.join(temporary, "table"), "evaluate.expect=[error <= 100, error < 0, aim == 1]")
    need(done.returncode == 4, f"exit {done.returncode}")
    said(done, "expected:", "met  error <= 100", "NOT  error < 0", "met  aim == 1", out=True)
    run(small(temporary), os.path.join(temporary, "nan"), "evaluate.metrics.bad=mean(log(-1 - fake^2))", "evaluate.expect=[bad <= 1e30]", code=4)
    run(small(temporary), os.path.join(temporary, "vector"), "evaluate.metrics.two=mean(fake over batch)",
        "evaluate.expect=[two * 0 + two >= -100]", code=0)
    run(small(temporary), os.path.join(temporary, "vector"), "evaluate.metrics.two=mean([1, 5] + 0 * fake over batch)",
        "evaluate.expect=[two <= 2]", "--overwrite", code=4)
    history = "[lowest(error) <= first(error), highest(error) >= error, 'at(error, play) == error', 'nondecreasing(error, 1000)', decreasing(error) < 2]"
    run(small(temporary), os.path.join(temporary, "history"), "evaluate.every=1 steps", f"evaluate.expect={history}", code=0)
    done = fenchel("resume", os.path.join(temporary, "history"))
    need(done.returncode == 0, f"the conditions of a finished run, read again: exit {done.returncode}: {done.stdout}{done.stderr}")
    said(done, "is finished", out=True)


# ---- folders ----
def second(temporary):
    folder = os.path.join(temporary, "twice")
    run(small(temporary), folder)
    before = {f: os.stat(os.path.join(folder, f)).st_mtime_ns for f in os.listdir(folder)}
    done = fenchel("run", small(temporary), "-o", folder)
    need(done.returncode == 2, f"exit {done.returncode}")
    said(done, folder, "step-000000005.h5", "fenchel resume", "-o", "--overwrite")
    after = {f: os.stat(os.path.join(folder, f)).st_mtime_ns for f in os.listdir(folder)}
    need(before == after, "the refused run changed the folder")
    write(folder, "mine.txt", "notes")
    run(small(temporary), folder, "--overwrite", "train.play.steps=3")
    need(os.path.exists(os.path.join(folder, "mine.txt")), "--overwrite removed a file that is not the run's")
    need([os.path.basename(c) for c in checkpoints(folder)] == ["step-000000003.h5"], f"old checkpoints are left: {checkpoints(folder)}")


def files(temporary):
    folder = os.path.join(temporary, "files")
    text = small(temporary)
    with open(text, "a", encoding="utf-8") as f:
        f.write("# a remark,   with spaces\n")
    run(text, folder, "parameters.aim=2", "checkpoint.every=2 steps")
    need(set(os.listdir(folder)) == {"run.lock", "config.yaml", "resolved.yaml", "log.h5", "checkpoints", "images", "console.log"},
        f"files: {sorted(os.listdir(folder))}")
    need([os.path.basename(c) for c in checkpoints(folder)] == ["step-000000004.h5", "step-000000005.h5"], f"keep: {checkpoints(folder)}")
    with open(text, "rb") as a, open(os.path.join(folder, "config.yaml"), "rb") as b:
        need(a.read() == b.read(), "config.yaml is not verbatim")
    with open(os.path.join(folder, "resolved.yaml"), encoding="utf-8") as f:
        resolved = f.read()
    need("aim: 2" in resolved and "rate: 0.1" in resolved, f"overrides are not in resolved.yaml: {resolved}")
    with open(os.path.join(folder, "console.log"), "rb") as f:
        console = f.read()
    need(console and all(c >= 32 or c == 10 for c in console), "console.log has control codes")
    need(b"play, step 5:" in console and b"expected:" in console and b"parameters" in console, f"console.log: {console.decode()}")
    with h5py.File(checkpoints(folder)[-1], "r") as f:
        need(f["params/g/dense/weight"].shape == (2, 2) and f["params/g/dense/bias"].shape == (2,), "params")
        need("loop" in f, "loop")
    again = os.path.join(temporary, "files-again")
    run(os.path.join(folder, "resolved.yaml"), again)
    same_arrays(arrays(checkpoints(folder)[-1], "params"), arrays(checkpoints(again)[-1], "params"), "resolved.yaml run again")


def terminal_free(temporary):
    """Not a terminal: plain lines, in stdout as in console.log; --quiet says nothing."""
    folder = os.path.join(temporary, "plain")
    done = fenchel("run", small(temporary), "-o", folder)
    need(done.returncode == 0 and done.stderr == "" and "\x1b" not in done.stdout and "\r" not in done.stdout, f"{done.stdout!r} {done.stderr!r}")
    with open(os.path.join(folder, "console.log"), encoding="utf-8") as f:
        need(f.read() == done.stdout, "console.log and stdout differ")
    quiet = run(small(temporary), os.path.join(temporary, "quiet"))
    need(quiet.stdout == "" and quiet.stderr == "", f"--quiet says {quiet.stdout}{quiet.stderr}")


def default_folder(temporary):
    """runs/<name> under the current folder, whatever the file's place."""
    there = os.path.join(temporary, "there")
    os.mkdir(there)
    done = fenchel("run", small(temporary), "--quiet", cwd=there)
    need(done.returncode == 0 and os.path.exists(os.path.join(there, "runs", "small", "log.h5")), f"{done.stderr}")
    done = fenchel("run", small(temporary), "name=other", "--quiet", cwd=there)
    need(done.returncode == 0 and os.path.exists(os.path.join(there, "runs", "other", "log.h5")), f"name=other: {done.stderr}")


def paths(temporary):
    """A path is relative to the file that writes it; on the command line to the current folder."""
    deep = os.path.join(temporary, "deep", "inner")
    os.makedirs(deep)
    write(os.path.join(temporary, "deep"), "numbers.csv", "1,2\n3,4\n5,6\n7,9\n")
    write(deep, "here.csv", "0,0\n0,0\n0,0\n0,1\n")
    write(os.path.join(temporary, "deep"), "lib.yaml",
        "parameters: {file: numbers.csv}\nsamplers:\n  numbers: {csv: {file: \"${file}\", columns: {x: [0, 2]}}}\n")
    file = write(deep, "user.yaml", "name: user\nsamplers: {n: {use: ../lib.yaml#numbers}}\nevaluate: {metrics: {total: sum(n.x over all)}}\n")
    near(total(temporary, "library", file), 37, 0, "the library's own path")
    file = write(deep, "given.yaml",
        "name: user\nsamplers: {n: {use: ../lib.yaml#numbers, with: {file: here.csv}}}\nevaluate: {metrics: {total: sum(n.x over all)}}\n")
    near(total(temporary, "given", file), 1, 0, "a path given in `with`")
    base = write(os.path.join(temporary, "deep"), "base.yaml",
        "name: base\nparameters: {data: numbers.csv}\nsamplers: {n: {csv: {file: \"${data}\", columns: {x: [0, 2]}}}}\nevaluate: {metrics: {total: sum(n.x over all)}}\n")
    need(base, "")
    file = write(deep, "child.yaml", "extends: ../base.yaml\nname: child\n")
    near(total(temporary, "extends", file), 37, 0, "the path of the file that is extended")
    file = write(deep, "child2.yaml", "extends: ../base.yaml\nname: child\nparameters: {data: here.csv}\n")
    near(total(temporary, "extends2", file), 1, 0, "a path of the extending file")
    write(temporary, "cwd.csv", "10,20\n")
    near(total(temporary, "command", file, "parameters.data=cwd.csv"), 30, 0, "a path on the command line")
    again = os.path.join(temporary, "path-command", "resolved.yaml")
    near(total(temporary, "resolved", again), 30, 0, "paths in resolved.yaml are absolute")


def total(temporary, name, file, *arguments):
    folder = os.path.join(temporary, "path-" + name)
    run(file, folder, *arguments, cwd=temporary)
    return metrics(folder)["total"]


# ---- overrides ----
def overrides(temporary):
    def rate(name, *arguments):
        folder = os.path.join(temporary, "override-" + name)
        run(small(temporary), folder, *arguments)
        return arrays(checkpoints(folder)[-1], "params"), folder
    plain, _ = rate("plain")
    direct, _ = rate("direct", "train.play.g.optimizer.sgd.rate=0.1")
    same_arrays(plain, direct, "a path without `players`")
    full, _ = rate("full", "train.play.players.g.optimizer.sgd.rate=0.1")
    same_arrays(plain, full, "a path with `players`")
    other, folder = rate("other", "train.play.g.optimizer={adam: {rate: 1e-2}}", "seed=7")
    need(plain != other, "another optimizer gives the same weights")
    with open(os.path.join(folder, "resolved.yaml"), encoding="utf-8") as f:
        text = f.read()
    need("adam:" in text and "sgd" not in text and "seed: 7" in text and "0.01" in text, f"another function replaces it whole: {text}")
    _, folder = rate("removed", "evaluate.expect=null", "axes=null")
    steps, _ = rate("steps", "train.play.steps=2 + 3")
    same_arrays(plain, steps, "an expression")
    for argument, words in (("train.play.g.optimizer.sgd.rte=0.1", ["rte", "rate"]), ("parameters.aimm=3", ["aimm"]), ("train.plai.steps=3",
        ["plai"]),
                            ("=3", []), ("train.play.g.optimizer.sgd.rate=[", []), ("nothing", ["nothing"])):
        done = fenchel("run", small(temporary), argument, "-o", os.path.join(temporary, "bad-override"), "--quiet")
        need(done.returncode == 2, f"{argument}: exit {done.returncode} {done.stderr}")
        said(done, *words)
        need(not os.path.exists(os.path.join(temporary, "bad-override")), f"{argument}: a folder was made")


def extends(temporary):
    """Mappings merge by key, lists of named items by name, null removes, another function replaces whole."""
    small(temporary, "base.yaml")
    child = write(temporary, "child.yaml", """extends: base.yaml
name: child
networks: {g: {layers: [dense: {units: 3}, relu, dense: {units: 2}]}}
train:
  - phase: play
    players:
      - {name: g, optimizer: {adam: {rate: 0.01}}}
  - phase: more
    steps: 2
    players:
      - {name: g, update: g, maximize: -error, optimizer: {sgd: {rate: 0.1}}}
evaluate: {expect: null, metrics: {spread: "mean(std(fake over batch))"}}
""")
    folder = os.path.join(temporary, "child")
    run(child, folder)
    need([os.path.basename(c) for c in checkpoints(folder)][-1] == "step-000000007.h5", "5 + 2 steps")
    with h5py.File(checkpoints(folder)[-1], "r") as f:
        need(f["params/g/dense/weight"].shape == (2, 3) and f["params/g/dense_2/weight"].shape == (3, 2), "the list of layers is replaced")
    need(set(metrics(folder)) == {"error", "spread"}, "metrics are merged")


# ---- resume ----
def resume(temporary):
    folder = os.path.join(temporary, "resumed")
    run(small(temporary), folder)
    before = arrays(checkpoints(folder)[-1])
    done = fenchel("resume", folder)
    need(done.returncode == 0 and arrays(checkpoints(folder)[-1]) == before, f"a finished run: exit {done.returncode}: {done.stderr}")
    done = fenchel("resume", folder, "seed=3")
    need(done.returncode == 2, f"overrides on resume: exit {done.returncode}")
    said(done, "seed=3")
    done = fenchel("resume", os.path.join(temporary, "nowhere"))
    need(done.returncode == 2, f"no such folder: exit {done.returncode}")
    said(done, "nowhere", "no run here")
    run(small(temporary), os.path.join(temporary, "unmet-resumed"), "evaluate.expect=[error <= 0]", code=4)
    need(fenchel("resume", os.path.join(temporary, "unmet-resumed")).returncode == 4, "a finished run whose expectations are not met")
    for f in checkpoints(folder):
        os.remove(f)
    done = fenchel("resume", folder, "--quiet")
    need(done.returncode == 0, f"without a checkpoint it begins at 0: exit {done.returncode}: {done.stderr}")
    same_arrays(before, arrays(checkpoints(folder)[-1]), "resumed from nothing")


def forestalled(temporary):
    """Killed between the last checkpoint and the log's end, before or after the status was written: resume closes the log."""
    for status in (0, 1):
        half_closed(temporary, status)


def half_closed(temporary, status):
    folder, whole = os.path.join(temporary, f"forestalled-{status}"), os.path.join(temporary, f"whole-{status}")
    for to in (folder, whole):
        run(small(temporary), to)
    child = os.fork()
    if child == 0:
        f = h5py.File(os.path.join(folder, "log.h5"), "r+", libver="latest")
        f.swmr_mode = True
        f["run/status"][()] = status
        f.flush()
        os._exit(0)                                              # the file stays marked as being written
    os.waitpid(child, 0)
    try:
        h5py.File(os.path.join(folder, "log.h5"), "r").close()
        raise AssertionError("the file is not marked: nothing was tested")
    except OSError:
        pass
    done = fenchel("resume", folder)
    need(done.returncode == 0 and "is finished" in done.stdout, f"exit {done.returncode}: {done.stdout}{done.stderr}")
    same_runs(whole, folder, "closed by resume")
    with h5py.File(os.path.join(folder, "log.h5"), "r") as f:
        need(int(f["run/status"][()]) == 1, "status")


def damaged(temporary):
    """A checkpoint that was cut off or overwritten is passed over; the one before serves."""
    folder, whole = os.path.join(temporary, "damaged"), os.path.join(temporary, "whole")
    for to in (folder, whole):
        run(small(temporary), to, "checkpoint.every=2 steps")
    newest = checkpoints(folder)[-1]
    for how in ("cut", "flip", "empty"):
        with open(newest, "rb") as f:
            data = bytearray(f.read())
        original = bytes(data)
        if how == "cut":
            data = data[: len(data) // 2]
        elif how == "flip":
            with h5py.File(newest, "r") as f:
                at = f["params/g/dense/weight"].id.get_chunk_info(0).byte_offset if f["params/g/dense/weight"].chunks else f["params/g/dense/weight"].id.get_offset()
            data[at + 2] ^= 0x10
        else:
            data = bytearray()
        with open(newest, "wb") as f:
            f.write(data)
        done = fenchel("resume", folder)
        need(done.returncode == 0, f"{how}: exit {done.returncode}: {done.stdout}{done.stderr}")
        said(done, "resuming", "step 4", out=True)
        same_runs(whole, folder, how)
        with open(newest, "rb") as f:
            need(len(f.read()) == len(original), how)


LONG = [("steps: 5", "steps: 3000000"), ("expect: [error <= 100]", "every: 100000 steps")]


def wait_for_rows(folder, least=10):
    end = time.time() + 30
    while time.time() < end:
        try:
            with h5py.File(os.path.join(folder, "log.h5"), "r", libver="latest", swmr=True) as f:
                if len(f["train/step"]) >= least:
                    return
        except OSError:
            pass
        time.sleep(0.02)
    raise AssertionError("no rows")


def signals(temporary):
    """SIGINT, SIGTERM, SIGHUP: a checkpoint at the round's end, then the end by that signal; resume goes on; a second one ends at once."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        folder = os.path.join(temporary, f"signal-{int(number)}")
        file = small(temporary, "long.yaml", change=LONG)
        child = subprocess.Popen([FENCHEL, "run", file, "-o", folder, "--threads", "2"], env=ENVIRONMENT, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        wait_for_rows(folder)
        begun = time.time()
        child.send_signal(number)
        out, err = finish(child, 30)
        need(child.returncode == -number, f"{number.name}: ended with {child.returncode}: {err}")
        need(time.time() - begun < 5, "it took long")
        need(len(checkpoints(folder)) == 1 and "fenchel resume" in out, f"{number.name}: {checkpoints(folder)} {out}")
        with h5py.File(os.path.join(folder, "log.h5"), "r") as f:
            stopped = int(os.path.basename(checkpoints(folder)[-1])[5:14])
            need(f["train/step"][-1] == stopped, f"{number.name}: log to {f['train/step'][-1]}, checkpoint of {stopped}")
        child = subprocess.Popen([FENCHEL, "resume", folder, "--threads", "1"], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        time.sleep(0.5)
        child.send_signal(number)
        out, err = finish(child, 30)
        need(child.returncode == -number and f"after step {stopped}" in out, f"{number.name}, resumed: {child.returncode} {out} {err}")
        need(int(os.path.basename(checkpoints(folder)[-1])[5:14]) > stopped, "it did not go on")
        with h5py.File(os.path.join(folder, "log.h5"), "r") as f:
            steps = f["train/step"][:]
            need((steps == range(1, len(steps) + 1)).all(), "the log has holes")


def as_nobody():
    os.setgid(65534)
    os.setuid(65534)


def read_only(temporary):
    """A folder that may not be written: one clear line, exit 2 or 1, nothing made."""
    for outer in (temporary, os.path.dirname(temporary)):
        os.chmod(outer, 0o755)
    closed = os.path.join(temporary, "closed")
    os.mkdir(closed, 0o555)
    file = small(temporary)
    os.chmod(file, 0o644)
    root = os.geteuid() == 0
    done = fenchel("run", file, "-o", os.path.join(closed, "run"), "--quiet", before=as_nobody if root else None)
    if root and ("loading shared" in done.stderr or not os.access(FENCHEL, os.X_OK)):
        return
    need(done.returncode in (1, 2), f"exit {done.returncode}: {done.stderr}")
    said(done, os.path.join(closed, "run"), "Permission denied")
    need(done.stderr.count("\n") == 1 and os.listdir(closed) == [], f"{done.stderr} {os.listdir(closed)}")
    in_the_way = write(temporary, "file", "no folder")
    done = fenchel("run", file, "-o", os.path.join(in_the_way, "run"), "--quiet")
    need(done.returncode in (1, 2) and "Not a directory" in done.stderr, f"a file in the way: exit {done.returncode}: {done.stderr}")
    done = fenchel("run", file, "-o", "/dev/full", "--quiet")
    need(done.returncode in (1, 2) and "/dev/full" in done.stderr, f"-o /dev/full: exit {done.returncode}: {done.stderr}")


# ---- the short commands ----
def libraries(temporary):
    lib = os.path.join(SOURCE, "graphs", "mlp.yaml")
    done = fenchel("run", lib, cwd=temporary)
    need(done.returncode == 2, f"exit {done.returncode}")
    said(done, "nothing to run", "train", "evaluate", "use: ")
    need(not os.path.exists(os.path.join(temporary, "runs", "graphs")), "a folder was made")
    need(fenchel("check", lib).returncode == 0, "check of a library")


def checks(temporary):
    before = sorted(os.listdir(temporary))
    done = fenchel("check", os.path.join(YAML, "vae.yaml"), cwd=temporary)
    need(done.returncode == 0 and done.stderr == "", f"exit {done.returncode} {done.stderr}")
    said(done, "encoder", "decoder", "fit.model", "1000 rows", "250", "elbo", "nats/image", out=True)
    need(sorted(os.listdir(temporary)) == before, "check wrote something")
    with h5py.File(checkpoints(whole_vae(temporary))[-1], "r") as f:
        n = sum(d.size for d in (f["params/encoder/dense/weight"], f["params/encoder/dense/bias"], f["params/encoder/dense_2/weight"],
            f["params/encoder/dense_2/bias"],
                                 f["params/encoder/batch_norm/scale"], f["params/encoder/batch_norm/shift"]))
    said(done, str(n), out=True)
    done = fenchel("check", small(temporary), "batch=0", "--quiet")
    need(done.returncode == 2 and "batch" in done.stderr, f"exit {done.returncode}")


def whole_vae(temporary):
    folder = os.path.join(temporary, "vae")
    if not os.path.exists(folder):
        run("vae.yaml", folder)
    return folder


def helps(_):
    done = fenchel("--help")
    need(done.returncode == 0 and "exit code" in done.stdout and done.stderr == "", "--help")
    commands = [line.split()[1] for line in done.stdout.split("\n") if line.startswith("  fenchel ")]
    need({"run", "sweep", "check", "resume", "plugins", "describe", "log"} <= set(commands), f"commands: {commands}")
    for c in sorted(set(commands)):
        done = fenchel(c, "--help", threads=0)
        need(done.returncode == 0 and done.stderr == "", f"{c} --help: exit {done.returncode} {done.stderr}")
        said(done, f"fenchel {c}", "exit code", out=True)
        need(done.stdout.count(f"fenchel {c}") >= 2, f"{c} --help has no example: {done.stdout}")
    need(fenchel("--version").returncode == 0 and "ABI" in fenchel("--version").stdout, "--version")


def usage(temporary):
    """Mistakes of usage: exit 2, one clear text, nothing on stdout."""
    for arguments, words in (((), ["fenchel run"]), (("rum",), ["rum", "run"]), (("run",), ["which file"]), (("check",), ["which file"]),
        (("resume",), ["folder"]),
                             (("describe",), ["describe"]), (("describe", "dens"), ["dens", "dense"]), (("log",), ["show"]), (("log", "shw", "x"),
                                 ["shw"]),
                             (("run", "a.yaml", "--overwrit"), ["--overwrit"]), (("run", "a.yaml", "-o"), ["-o"]), (("run", "a.yaml", "--threads",
                                 "none"), ["none"]),
                             (("run", "a.yaml", "b.yaml"), ["b.yaml"]), (("run", "nowhere.yaml"), ["nowhere.yaml", "No such file"]), (("run",
                                 temporary), ["directory"]),
                             (("sweep",), ["which file"]), (("plugins", "x"), ["x"])):
        done = fenchel(*arguments, cwd=temporary, threads=0)
        need(done.returncode == 2, f"{arguments}: exit {done.returncode} {done.stderr}")
        need(done.stdout == "", f"{arguments}: stdout {done.stdout}")
        said(done, *words)


def describes(_):
    done = fenchel("plugins")
    need(done.returncode == 0 and "BAD" not in done.stdout, done.stdout)
    names = [line.split()[1] for line in done.stdout.split("\n") if line.strip()]
    need(len(names) > 40 and {"dense", "adam", "normal", "gan_qp", "mode_coverage"} <= set(names), f"plugins: {names}")
    for name in names:
        text = fenchel("describe", name)
        need(text.returncode == 0 and name in text.stdout and len(text.stdout) > 60, f"describe {name}: {text.stdout}{text.stderr}")
    said(fenchel("describe", "dense"), "units", "whole number", "weight", "example", out=True)


def bad_plugins(temporary):
    """`plugins` tells what cannot be used; a run minds only where it is asked for."""
    folder = os.path.join(temporary, "plugins")
    os.mkdir(folder)
    write(folder, "broken.so", "no shared object\n")
    environment = dict(ENVIRONMENT, FENCHEL_PLUGIN_PATH=ENVIRONMENT["FENCHEL_PLUGIN_PATH"] + ":" + folder)
    done = subprocess.run([FENCHEL, "plugins"], env=environment, capture_output=True, text=True, timeout=60, check=False)
    need("broken.so" in done.stdout and "BAD" in done.stdout and "dense" in done.stdout, f"exit {done.returncode}: {done.stdout[:300]}{done.stderr}")
    done = subprocess.run([FENCHEL, "run", small(temporary), "-o", os.path.join(temporary, "with-broken"), "--quiet"], env=environment,
        capture_output=True, text=True, timeout=60, check=False)
    need(done.returncode == 0 and done.stderr == "", f"a run that does not need it: exit {done.returncode} {done.stderr}")
    lacking = small(temporary, "lacking.yaml", change=[("normal", "broken")])
    done = subprocess.run([FENCHEL, "check", lacking], env=environment, capture_output=True, text=True, timeout=60, check=False)
    need(done.returncode == 2 and "unknown function `broken`; " in done.stderr and "broken.so is not an ELF file" in done.stderr,
         f"a run that needs it: exit {done.returncode} {done.stderr}")
    done = fenchel("run", small(temporary), "--plugin", os.path.join(folder, "broken.so"), "-o", os.path.join(temporary, "plugin-option"), "--quiet")
    need(done.returncode == 2 and "broken.so" in done.stderr, f"--plugin: exit {done.returncode} {done.stderr}")


def without_training(temporary):
    """No `train`: evaluated once. `epochs: 0`: the start is evaluated. No `evaluate`: only trained."""
    file = write(temporary, "sample.yaml",
        "name: sample\nbatch: 10\nsamplers: {z: {normal: {shape: [2]}}}\nevaluate: {examples: 100, metrics: {size: mean(z^2)}, expect: [size > 0]}\nlog: {tensors: {points: z}}\n")
    folder = os.path.join(temporary, "sample")
    run(file, folder)
    with h5py.File(os.path.join(folder, "log.h5"), "r") as f:
        need(list(f["evaluate/step"][:]) == [0] and f["tensors/points"].shape == (1, 10, 2), "a sampling run")
    folder = os.path.join(temporary, "nothing")
    run(small(temporary, change=[("steps: 5", "steps: 0")]), folder)
    with h5py.File(os.path.join(folder, "log.h5"), "r") as f:
        need(list(f["evaluate/step"][:]) == [0] and len(f["train/step"]) == 0, "no steps")
    run(small(temporary, change=[(SMALL[SMALL.index("evaluate:"):], "")]), os.path.join(temporary, "unmeasured"))
    run("vae.yaml", os.path.join(temporary, "no-epochs"), "train.fit.epochs=0")


def all_damaged(temporary):
    """No checkpoint can be read: resume says which and why, and touches nothing."""
    folder = os.path.join(temporary, "all-damaged")
    run(small(temporary), folder, "checkpoint.every=2 steps")
    for path in checkpoints(folder):
        os.truncate(path, 100)
    log = os.path.join(folder, "log.h5")
    with open(log, "rb") as f:
        before = f.read()
    done = fenchel("resume", folder)
    need(done.returncode == 1, f"exit {done.returncode}: {done.stdout}{done.stderr}")
    said(done, "none can be read", *[os.path.basename(c) for c in checkpoints(folder)])
    with open(log, "rb") as f:
        need(f.read() == before, "the log was changed")


def resolved_files(temporary):
    """resolved.yaml holds the files that `use` read: what becomes of them changes neither a resumed run nor one that is run again."""
    library = write(temporary, "blocks.yaml", "parameters: {slope: 0.5}\nnetworks:\n  block: {layers: [dense: {units: 2}, leaky_relu: {slope: slope}]}\n")
    text = small(temporary, "using.yaml", change=[("networks: {g:", "networks: {b: {use: blocks.yaml#block}, g:"), ("fake: g(z)", "fake: b(g(z))"),
                                                  ("update: g,", "update: [g, b],")])
    first, again, changed = (os.path.join(temporary, n) for n in ("first", "again", "changed"))
    run(text, first)
    os.remove(library)
    run(os.path.join(first, "resolved.yaml"), again)
    same_runs(first, again, "without the library")
    write(temporary, "blocks.yaml", "networks: {block: {layers: [tanh]}}\n")
    run(os.path.join(again, "resolved.yaml"), changed)
    same_runs(first, changed, "with another library")
    for folder in (again, changed):
        with open(os.path.join(first, "resolved.yaml"), "rb") as a, open(os.path.join(folder, "resolved.yaml"), "rb") as b:
            need(a.read() == b.read(), "resolved.yaml of resolved.yaml differs")
    with open(os.path.join(first, "resolved.yaml"), encoding="utf-8") as f:
        need("momentum: 0" in f.read(), "the optimizer's defaults are not written out")


def stops(temporary):
    """stop: patience counts evaluations without a new lowest value; restore takes the best state before the phase's last evaluation."""
    folder = os.path.join(temporary, "em")
    run("em.yaml", folder)
    with h5py.File(os.path.join(folder, "log.h5"), "r") as f:
        steps, error = f["evaluate/step"][:], f["evaluate/error"][:]
    fit = error[steps > 8]
    best = fit[:-1].argmin()
    need(steps[-1] < 68 and len(fit) - 1 - (best + 1) == 3 - 1 or fit[-1] == fit[:-1].min(), f"patience: {steps} {error}")
    need(fit[-1] == fit[:-1].min(), f"the best state is not what the phase ends with: {fit}")
    need(list(steps) == sorted(steps), "steps")
    with h5py.File(checkpoints(folder)[-1], "r") as f, h5py.File(os.path.join(folder, "checkpoints", "best-fit.h5"), "r") as g:
        for name in ("params/line/dense/weight", "params/line/dense_2/bias"):
            need((f[name][()] == g[name][()]).all(), f"{name} is not the best")


def simulations(temporary):
    """One simulation plainly and under two other `with`: three counts, each with a state of its own, also in training."""
    folder = os.path.join(temporary, "simulations")
    file = write(temporary, "simulations.yaml", """name: simulations
precision: double
batch: 4
parameters: {a: 1}
samplers: {t: {ticks: {by: a}, axes: [batch]}}
networks: {n: {layers: [{parameter: {}, as: w}]}}
graph:
  plain: mean(t)
  ten: {mean: {}, in: t, with: {a: 10}}
  more: {mean: {}, in: t, with: {a: 100}}
train:
  - phase: count
    steps: 3
    players: [{name: p, assign: {n: plain + ten + more}, log: {sum: plain + ten + more}}]
evaluate: {examples: 8, metrics: {all: mean(plain + ten + more), one: mean(t), seven: {value: mean(t), with: {a: 7}}}}
""")
    done = fenchel("run", file, "-o", folder, "--quiet", "--plugin", plugin("ticks", temporary))
    need(done.returncode == 0, done.stderr)
    with h5py.File(os.path.join(folder, "log.h5"), "r") as log:
        near(log["train/sum"][:], [111, 222, 333], 0, "sums of three counts")
    found = metrics(folder)
    near(found["one"], 3 + 1.5, 0, "two draws after training, plainly")
    near(found["all"], 3 * 111 + 1.5 * 111, 0, "two draws of all three")
    near(found["seven"], 3 + 1.5 * 7, 0, "two draws by seven")


def tests(temporary):
    for what in (exit_codes, expectations, second, files, terminal_free, default_folder, paths, overrides, extends, resume, forestalled, damaged, all_damaged, resolved_files, signals, read_only, libraries, checks,
                 helps, usage, describes, bad_plugins, without_training, simulations, stops):
        folder = os.path.join(temporary, what.__name__)
        os.mkdir(folder)
        check(what.__name__, what, folder)
        shutil.rmtree(folder, ignore_errors=True)
    need(BUILD, "")


if __name__ == "__main__":
    main(tests)
