"""Callables that reach the canary: what a list of forbidden names would have to hold, and never holds all of.

Each is standard library, numpy or torch. Most name neither `os`, `subprocess` nor `builtins`.
"""

from benchmarks.assure_corpus.pickling import Built, Call, Global, Listed, Mapped, New, Node
from benchmarks.assure_corpus.shape import CANARY

CODE = f"open({CANARY!r}, 'w')"
"""A statement that an evaluator runs."""

_OPEN: Node = Global("io", "open")
_DEV_NULL = "/dev/null"
_PATH: Node = Call(Global("pathlib", "PosixPath"), (CANARY,))
_RUN = f"mkdir {CANARY}"
_LOCATED: Node = Call(Global("pydoc", "locate"), ("posix.mkdir",))
_EMPTY: Node = Mapped(())

DIRECT: dict[str, Node] = {
    "os-mkdir": Call(Global("os", "mkdir"), (CANARY,)),
    "posix-mkdir": Call(Global("posix", "mkdir"), (CANARY,)),
    "posix-symlink": Call(Global("posix", "symlink"), ("nowhere", CANARY)),
    "posix-system": Call(Global("posix", "system"), (_RUN,)),
    "subprocess-popen": Call(Global("subprocess", "Popen"), (Listed(("mkdir", CANARY)),)),
    "subprocess-getoutput": Call(Global("subprocess", "getoutput"), (_RUN,)),
    "builtins-open": Call(Global("builtins", "open"), (CANARY, "w")),
    "builtins-eval": Call(Global("builtins", "eval"), (CODE,)),
    "builtins-exec": Call(Global("builtins", "exec"), (CODE,)),
    "io-open": Call(_OPEN, (CANARY, "w")),
    "underscore-io-open": Call(Global("_io", "open"), (CANARY, "w")),
    "pyio-open": Call(Global("_pyio", "open"), (CANARY, "w")),
    "codecs-open": Call(Global("codecs", "open"), (CANARY, "w")),
    "io-fileio": Call(Global("io", "FileIO"), (CANARY, "w")),
    "pathlib-touch": Call(Global("pathlib", "Path.touch"), (_PATH,)),
    "shutil-copyfile": Call(Global("shutil", "copyfile"), (_DEV_NULL, CANARY)),
    "shutil-make-archive": Call(Global("shutil", "make_archive"), (CANARY, "tar", ".")),
    "gzip-file": Call(Global("gzip", "GzipFile"), (CANARY, "wb")),
    "bz2-file": Call(Global("bz2", "BZ2File"), (CANARY, "w")),
    "lzma-file": Call(Global("lzma", "LZMAFile"), (CANARY, "w")),
    "tarfile-open": Call(Global("tarfile", "TarFile.open"), (CANARY, "w")),
    "zipfile": Call(Global("zipfile", "ZipFile"), (CANARY, "w")),
    "shelve-open": Call(Global("shelve", "open"), (CANARY,)),
    "dbm-dumb": Call(Global("dbm.dumb", "open"), (CANARY, "n")),
    "sqlite3-connect": Call(Global("sqlite3", "connect"), (CANARY,)),
    "logging-filehandler": Call(Global("logging", "FileHandler"), (CANARY,)),
    "logging-rotating": Call(Global("logging.handlers", "RotatingFileHandler"), (CANARY,)),
    "tempfile-mkdtemp": Call(Global("tempfile", "mkdtemp"), ("", CANARY, ".")),
    "tempfile-mkstemp": Call(Global("tempfile", "mkstemp"), ("", CANARY, ".")),
    "mailbox-maildir": Call(Global("mailbox", "Maildir"), (CANARY,)),
    "wave-open": Call(Global("wave", "open"), (CANARY, "wb")),
    "urlretrieve-data": Call(Global("urllib.request", "urlretrieve"), ("data:,x", CANARY)),
    "argparse-filetype": Call(Call(Global("argparse", "FileType"), ("w",)), (CANARY,)),
    "fileinput-hook": Call(Global("fileinput", "hook_compressed"), (CANARY, "w")),
    "cookiejar-save": Call(
        Global("http.cookiejar", "MozillaCookieJar.save"),
        (Call(Global("http.cookiejar", "MozillaCookieJar")), CANARY),
    ),
    "elementtree-write": Call(
        Global("xml.etree.ElementTree", "ElementTree.write"),
        (
            Call(
                Global("xml.etree.ElementTree", "ElementTree"),
                (Call(Global("xml.etree.ElementTree", "Comment"), ("x",)),),
            ),
            CANARY,
        ),
    ),
    "unix-server": Call(Global("socketserver", "UnixStreamServer"), (CANARY, None)),
    "dictconfig": Call(
        Global("logging.config", "dictConfig"),
        (
            Mapped(
                (
                    ("version", 1),
                    (
                        "handlers",
                        Mapped((("h", Mapped((("class", "logging.FileHandler"), ("filename", CANARY)))),)),
                    ),
                )
            ),
        ),
    ),
    "ssl-keylog": Built(
        New(Global("ssl", "SSLContext"), (16,)), (None, Mapped((("keylog_filename", CANARY),)))
    ),
    "venv-create": Call(Global("venv", "create"), (CANARY,)),
}
"""The callable itself makes the file."""

EVALUATORS: dict[str, Node] = {
    "timeit": Call(Global("timeit", "timeit"), (CODE, "pass", Global("time", "perf_counter"), 1)),
    "cprofile-run": Call(Global("cProfile", "run"), (CODE,)),
    "profile-run": Call(Global("profile", "run"), (CODE,)),
    "trace-run": Call(Global("trace", "Trace.run"), (Call(Global("trace", "Trace")), CODE)),
    "bdb-run": Call(Global("bdb", "Bdb.run"), (Call(Global("bdb", "Bdb")), CODE)),
    "interpreter-runsource": Call(
        Global("code", "InteractiveInterpreter.runsource"),
        (Call(Global("code", "InteractiveInterpreter")), CODE),
    ),
    "forwardref": Call(
        Global("typing", "ForwardRef._evaluate"),
        (Call(Global("typing", "ForwardRef"), (CODE,)), _EMPTY, _EMPTY, ()),
    ),
    "function-type": Call(
        Call(
            Global("types", "FunctionType"),
            (Call(Global("builtins", "compile"), (CODE, "x", "exec")), _EMPTY),
        )
    ),
    "pipepager": Call(Global("pydoc", "pipepager"), ("", _RUN)),
    "uuid-command": Call(Global("uuid", "_get_command_stdout"), ("mkdir", CANARY)),
    "imap-stream": Call(Global("imaplib", "IMAP4_stream"), (_RUN,)),
    "browser-open": Call(
        Global("webbrowser", "GenericBrowser.open"),
        (Call(Global("webbrowser", "GenericBrowser"), (Listed(("mkdir", CANARY)),)), ""),
    ),
}
"""The callable runs a text, or a program, that makes the file."""

BY_OTHERS: dict[str, Node] = {
    "reduce-open": Call(Global("functools", "reduce"), (_OPEN, Listed((CANARY, "w")))),
    "partial": Call(Call(Global("functools", "partial"), (_OPEN, CANARY, "w"))),
    "starmap-deque": Call(
        Global("collections", "deque"),
        (Call(Global("itertools", "starmap"), (_OPEN, Listed(((CANARY, "w"),)))),),
    ),
    "methodcaller": Call(Call(Global("operator", "methodcaller"), ("touch",)), (_PATH,)),
    "attrgetter": Call(
        Call(
            Call(Global("operator", "attrgetter"), ("mkdir",)),
            (Call(Global("importlib", "import_module"), ("posix",)),),
        ),
        (CANARY,),
    ),
    "getattr-chain": Call(Call(Global("builtins", "getattr"), (_PATH, "touch"))),
    "resolve-name": Call(Call(Global("pkgutil", "resolve_name"), ("posix:mkdir",)), (CANARY,)),
    "pydoc-locate": Call(_LOCATED, (CANARY,)),
    "dotted-attribute": Call(
        Call(
            Global("xmlrpc.server", "resolve_dotted_attribute"),
            (Call(Global("importlib", "import_module"), ("shutil",)), "os.mkdir"),
        ),
        (CANARY,),
    ),
    "executor-item": Call(
        Global("concurrent.futures.thread", "_WorkItem.run"),
        (
            Call(
                Global("concurrent.futures.thread", "_WorkItem"),
                (Call(Global("concurrent.futures", "Future")), _OPEN, (CANARY, "w"), _EMPTY),
            ),
        ),
    ),
    "thread": Call(
        Global("threading", "Thread.start"),
        (Call(Global("threading", "Thread"), (None, _OPEN, None, (CANARY, "w"))),),
    ),
    "context-run": Call(
        Global("contextvars", "Context.run"), (Call(Global("contextvars", "Context")), _OPEN, CANARY, "w")
    ),
    "atexit": Call(Global("atexit", "register"), (_OPEN, CANARY, "w")),
    "finalize": Call(
        Global("weakref", "finalize"), (Global("collections", "OrderedDict"), _OPEN, CANARY, "w")
    ),
    "frames-removed": Call(Global("importlib._bootstrap", "_call_with_frames_removed"), (_OPEN, CANARY, "w")),
    "copy-reconstruct": Call(Global("copy", "_reconstruct"), (None, None, _OPEN, (CANARY, "w"))),
    "bdb-runcall": Call(Global("bdb", "Bdb.runcall"), (Call(Global("bdb", "Bdb")), _OPEN, CANARY, "w")),
    "profile-dump": Call(
        Global("cProfile", "Profile.dump_stats"), (Call(Global("cProfile", "Profile")), CANARY)
    ),
    "map-bytes": New(
        Global("builtins", "bytes"), (New(Global("builtins", "map"), (_LOCATED, Listed((CANARY,)))),)
    ),
    "ctypes": Call(
        Call(Call(Global("operator", "attrgetter"), ("mkdir",)), (Call(Global("ctypes", "CDLL"), (None,)),)),
        (CANARY.encode(), 0o755),
    ),
    "default-dict": Call(
        Global("operator", "getitem"),
        (
            Call(
                Global("collections", "defaultdict"),
                (Call(Global("functools", "partial"), (_OPEN, CANARY, "w")),),
            ),
            "x",
        ),
    ),
    "sorted-key": Call(Global("heapq", "nlargest"), (1, Listed((CANARY,)), _LOCATED)),
}
"""A harmless callable is handed another one to call."""


def _mkdir_of(modules: Node) -> Node:
    """posix.mkdir out of the table of loaded modules, called."""
    module = Call(Global("operator", "getitem"), (modules, "posix"))
    return Call(Call(Call(Global("operator", "attrgetter"), ("mkdir",)), (module,)), (CANARY,))


WALKS: dict[str, Node] = {
    "shutil-os": Call(Global("shutil", "os.mkdir"), (CANARY,)),
    "random-os": Call(Global("random", "_os.mkdir"), (CANARY,)),
    "tempfile-io": Call(Global("tempfile", "_io.open"), (CANARY, "w")),
    "posixpath-os": Call(Global("posixpath", "os.mkdir"), (CANARY,)),
    "collections-sys": _mkdir_of(Global("collections", "_sys.modules")),
    "function-globals": _mkdir_of(
        Call(
            Call(Global("operator", "attrgetter"), ("modules",)),
            (Call(Global("operator", "getitem"), (Global("collections", "namedtuple.__globals__"), "_sys")),),
        )
    ),
    "numpy-ndarray-tofile": Call(
        Global("numpy", "ndarray.tofile"), (Call(Global("numpy", "ndarray"), ((1,),)), CANARY)
    ),
    "numpy-save": Call(Global("numpy", "save"), (CANARY, 1)),
    "numpy-savetxt": Call(Global("numpy", "savetxt"), (CANARY, Listed((1, 2)))),
    "numpy-memmap": Call(Global("numpy", "memmap"), (CANARY, "u1", "w+", 0, (1,))),
    "numpy-module-walk": Call(Global("numpy.lib.format", "open_memmap"), (CANARY, "w+", "u1", (1,))),
    "numpy-runstring": Call(Global("numpy.testing._private.utils", "runstring"), (CODE, _EMPTY)),
}
"""Allowed modules and classes, and what hangs from them by a dot."""

OF_TORCH: dict[str, Node] = {
    "torch-os": Call(Global("torch.serialization", "os.mkdir"), (CANARY,)),
    "torch-save": Call(Global("torch", "save"), (1, CANARY)),
    "torch-collect-env": Call(Global("torch.utils.collect_env", "run"), (_RUN,)),
    "torch-exec-wrapper": Call(
        Global("torch.jit.unsupported_tensor_ops", "execWrapper"), (CODE, _EMPTY, _EMPTY)
    ),
    "torch-fx-exec": Call(Global("torch.fx.graph_module", "_exec_with_source"), (CODE, _EMPTY)),
    "torch-tensor-storage-file": Call(Global("torch", "UntypedStorage.from_file"), (CANARY, True, 1)),
    "joblib-dump": Call(Global("joblib.numpy_pickle", "dump"), (1, CANARY)),
    "pandas-to-pickle": Call(Global("pandas.io.pickle", "to_pickle"), (1, CANARY)),
}
"""The libraries that a model is loaded with have their own."""
