#!/usr/bin/python3
"""Mistakes: each file of tests/bad is run, and what it says on stderr is compared with the .err beside it, byte for byte. Nothing else is
said, no folder is made, the exit code is 2 (3 where numbers fail after the start).

  bad.py            all
  bad.py NAME ..    these, and prints what they say
  bad.py --write    stores what is said now: read it before"""
import gzip
import os
import shlex
import shutil
import struct
import subprocess
import sys

from common import BUILD, SOURCE, check, fenchel, main, need, write

BAD = os.path.join(SOURCE, "tests", "bad")
LATE = {"nan-objective", "nan-gradient", "nan-later", "integer-sum", "live-rate", "live-repeat", "live-clip"}                    # exit code 3, in a folder that has begun
LIBRARIES = {"lib", "broken"}


def write_files(folder):
    """Data files that are wrong in their own ways."""
    def idx(name, sizes, cells, magic=0x803):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(struct.pack(">I", magic) + struct.pack(f">{len(sizes)}I", *sizes) + cells)
    idx("lying.idx", [100, 2, 2], bytes(40))
    idx("long.idx", [5, 2, 2], bytes(40))
    idx("images.idx", [10, 2, 2], bytes(40))
    idx("labels.idx", [9], bytes(9), 0x801)
    idx("huge.idx", [0xffffffff] * 3, bytes(40))
    packed = gzip.compress(struct.pack(">IIII", 0x803, 100, 8, 8) + bytes(i * 7919 % 251 for i in range(6400)), mtime=0)
    damaged = bytearray(packed)
    damaged[len(packed) // 2] ^= 0x55
    for name, data in (("cut.idx.gz", packed[: len(packed) // 2]), ("damaged.idx.gz", bytes(damaged)), ("empty.idx", b"")):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)
    os.mkdir(os.path.join(folder, "folder"))
    write(folder, "text.idx", "hello world, this is no idx file\n")
    write(folder, "text.csv", "a,b\n1,2\n3,four\n")
    write(folder, "ragged.csv", "1,2\n3\n4,5\n")
    write(folder, "good.csv", "".join(f"{i},{i * i}\n" for i in range(20)))


def compile_plugins(folder):
    compiler = shlex.split(os.environ.get("CC", "cc"))
    for name in ("other_version", "other_size", "other_mark", "undefined", "no_entry"):
        source = os.path.join(SOURCE, "tests", "plugins", name + ".c")
        subprocess.run(compiler + ["-std=c11", "-D_GNU_SOURCE", "-fPIC", "-shared", "-I", os.path.join(SOURCE, "core", "include"), source,
                                   "-o", os.path.join(folder, name + ".so")], check=True, capture_output=True)
    write(folder, "no_plugin.so", "this is no shared object\n")


def said_by(folder, name):
    done = fenchel("run", name + ".yaml", "-o", "out", "--quiet", cwd=folder)
    made = os.path.exists(os.path.join(folder, "out"))
    shutil.rmtree(os.path.join(folder, "out"), ignore_errors=True)
    return done, made


def plain(text, folder):
    """Without the places of this machine."""
    return text.replace(folder + os.path.sep, "").replace(folder, ".").replace(BUILD + os.path.sep, "BUILD/")


def one(folder, name, store):
    done, made = said_by(folder, name)
    said = plain(done.stderr, folder)
    expected = os.path.join(BAD, name + ".err")
    if store:
        write(BAD, name + ".err", said)
    need(done.returncode == (3 if name in LATE else 2), f"exit {done.returncode}\n{done.stdout}{said}")
    need(done.stdout == "", f"stdout: {done.stdout}")
    need(name in LATE or not made, "a folder was made")
    with open(expected, encoding="utf-8") as f:
        text = f.read()
    need(text, "nothing is expected")
    need(said == text, f"says\n{said}needed\n{text}")


def listed(folder):
    """Each .err has its file, and no line is without a place where the mistake has one."""
    files = os.listdir(BAD)
    lost = [f for f in files if f.endswith(".err") and f[:-4] + ".yaml" not in files]
    need(not lost, f"without a file: {lost}")
    for f in files:
        if not f.endswith(".err"):
            continue
        with open(os.path.join(BAD, f), encoding="utf-8") as lines:
            for line in lines:
                parts = line.split(":")
                need(len(parts) > 3 and parts[1].isdigit() and parts[2].isdigit(), f"{f}: a line without file:line:column: {line}")
    need(folder, "")


def tests(temporary):
    folder = os.path.join(temporary, "bad")
    shutil.copytree(BAD, folder)
    os.chmod(folder, 0o755)                                      # the source may be read-only
    write_files(folder)
    compile_plugins(folder)
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    for name in names or sorted(f[:-5] for f in os.listdir(BAD) if f.endswith(".yaml")):
        if names:
            done, _ = said_by(folder, name)
            print(f"== {name}: exit {done.returncode}\n{done.stdout}{plain(done.stderr, folder)}", end="")
        if name not in LIBRARIES:
            check(name, one, folder, name, "--write" in sys.argv)
    check("places", listed, folder)


if __name__ == "__main__":
    main(tests)
