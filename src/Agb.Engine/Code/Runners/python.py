# Runs code in a Python interpreter that stays alive from call to call.
#
# The same program is the client, which the engine starts for each call, and the interpreter, which the first client
# starts. The client hands its own stdout and stderr to the interpreter, so what the code writes takes no detour; at the
# end it appends the interpreter's answer to its stdout, behind a mark that only the engine knows.
import os
import socket
import struct
import sys

FOLDER = "/var/tmp/.agb-code"
ADDRESS = FOLDER + "/python.sock"
GRACE_SECONDS = 2


def receive(connection, count):
    data = bytearray()
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return bytes(data)


def connect():
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(ADDRESS)
        return connection
    except OSError:
        connection.close()
        return None


def start_interpreter():
    """Starts the interpreter if no other client does so at this moment."""
    import fcntl

    os.makedirs(FOLDER, 0o700, exist_ok=True)
    lock = os.open(FOLDER + "/python.lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    connection = connect()
    if connection is not None:
        os.close(lock)
        return connection
    if os.path.exists(ADDRESS):
        os.unlink(ADDRESS)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(ADDRESS)
    listener.listen(64)
    environment = dict(os.environ, MPLBACKEND="Agg")
    runner = environment.pop("AGB_RUNNER")
    environment.pop("AGB_MARK")
    if os.fork() == 0:
        os.setsid()
        os.set_inheritable(listener.fileno(), True)
        null = os.open("/dev/null", os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        os.execve(sys.executable, [sys.executable, "-c", runner, "interpreter", str(listener.fileno())], environment)
    listener.close()
    connection = connect()
    os.close(lock)
    return connection


def call():
    code = sys.stdin.buffer.read()
    connection = connect() or start_interpreter()
    try:
        socket.send_fds(connection, [struct.pack("!Q", len(code))], [1, 2])
        connection.sendall(code)
        answer = receive(connection, struct.unpack("!Q", receive(connection, 8))[0])
    except (EOFError, OSError):
        # The interpreter is gone; without an answer the engine says so.
        sys.exit(1)
    # A view, because a slice of bytes is a copy, and a pipe takes little at a time.
    out = memoryview(b"\0" + os.environ["AGB_MARK"].encode() + b"\0" + answer)
    while out:
        out = out[os.write(1, out):]


class Interpreter:
    def __init__(self, listener):
        import types

        self.listener = listener
        self.main = types.ModuleType("__main__")
        self.main.__dict__["__builtins__"] = __builtins__
        self.main.__dict__["display"] = self.display
        self.offer_display()
        sys.modules["__main__"] = self.main
        sys.argv = [""]
        sys.path[0] = ""
        self.count = 0
        self.results = []
        self.loop = None

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                try:
                    self.answer(connection)
                except (EOFError, OSError):
                    # The client is gone.
                    pass

    def answer(self, connection):
        import json

        head, descriptors, _, _ = socket.recv_fds(connection, 8, 2)
        try:
            if len(descriptors) != 2:
                raise EOFError
            head += receive(connection, 8 - len(head))
            code = receive(connection, struct.unpack("!Q", head)[0])
            for number, descriptor in zip((1, 2), descriptors):
                os.dup2(descriptor, number)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        try:
            error = self.guarded(code, connection)
        finally:
            null = os.open("/dev/null", os.O_RDWR)
            for number in (1, 2):
                os.dup2(null, number)
            os.close(null)
        answer = json.dumps({"results": self.results, "error": error, "count": self.count}).encode()
        connection.sendall(struct.pack("!Q", len(answer)) + answer)

    def guarded(self, code, connection):
        """Runs the code; a client that goes away interrupts it."""
        import signal
        import threading

        ended = threading.Event()

        def watch():
            try:
                left = not connection.recv(1)
            except OSError:
                left = True
            if left and not ended.is_set():
                os.kill(os.getpid(), signal.SIGINT)
                if not ended.wait(GRACE_SECONDS):
                    os.killpg(0, signal.SIGKILL)

        signal.signal(signal.SIGINT, signal.default_int_handler)
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            return self.run(code)
        finally:
            ended.set()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            connection.shutdown(socket.SHUT_RD)
            watcher.join()

    def run(self, code):
        self.count += 1
        self.results = []
        sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
        sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
        try:
            error = self.execute(code)
            self.collect_figures()
        except BaseException as e:
            error = self.explain(e)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                # The client is gone, or the code closed the stream.
                pass
        return error

    def execute(self, code):
        import ast
        import inspect
        import linecache

        name = f"<cell {self.count}>"
        try:
            text = code.decode()
            tree = ast.parse(text, name)
            if "IPython" in text:
                try:
                    import IPython.display  # noqa: F401
                except ImportError:
                    # The code will say so itself.
                    pass
                self.adopt_display()
            linecache.cache[name] = (len(text), None, text.splitlines(True), name)
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            steps = [(compile(tree, name, "exec", flags), False)]
            if last is not None:
                steps.append((compile(ast.Expression(last.value), name, "eval", flags), True))
            for step, is_value in steps:
                value = eval(step, self.main.__dict__)
                if step.co_flags & inspect.CO_COROUTINE:
                    value = self.wait_for(value)
                if is_value and value is not None:
                    self.main.__dict__["_"] = value
                    self.results.append({"main": True, "mime": self.forms(value)})
            return None
        except SystemExit as e:
            return None if e.code in (None, 0) else self.explain(e)
        except BaseException as e:
            return self.explain(e)

    def wait_for(self, coroutine):
        import asyncio

        if self.loop is None:
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        return self.loop.run_until_complete(coroutine)

    def explain(self, error):
        import traceback

        # Up to the frame of the first cell everything is this program's own.
        frames = error.__traceback__
        while frames is not None and not frames.tb_frame.f_code.co_filename.startswith("<cell "):
            frames = frames.tb_next
        return "".join(traceback.format_exception(type(error), error, frames)).rstrip("\n")

    def display(self, *values):
        """Shows values beside the result of the code."""
        for value in values:
            self.results.append({"main": False, "mime": self.forms(value)})

    def offer_display(self):
        """Makes IPython.display what code written for notebooks expects, also where IPython is not installed."""
        import importlib.util
        import types

        if importlib.util.find_spec("IPython") is not None:
            return
        module = types.ModuleType("IPython.display")
        module.display = self.display
        for name, method in (
            ("HTML", "_repr_html_"), ("Markdown", "_repr_markdown_"), ("SVG", "_repr_svg_"), ("Latex", "_repr_latex_"),
            ("JSON", "_repr_json_"),
        ):
            setattr(module, name, type(name, (), {
                "__init__": lambda self, data=None: setattr(self, "data", data),
                "__repr__": lambda self: f"<IPython.core.display.{type(self).__name__} object>",
                method: lambda self: self.data,
            }))
        package = types.ModuleType("IPython")
        package.__path__ = []
        package.display = module
        # Libraries ask for the notebook once the name is there.
        package.get_ipython = lambda: None
        sys.modules["IPython"] = package
        sys.modules["IPython.display"] = module

    def adopt_display(self):
        """Outside a notebook IPython's own display prints; once it is loaded, values are shown as results instead."""
        for name in ("IPython.display", "IPython.core.display_functions"):
            module = sys.modules.get(name)
            if module is not None and hasattr(module, "display"):
                module.display = self.display

    def forms(self, value):
        import base64
        import json

        forms = {"text/plain": repr(value)}
        bundle = getattr(type(value), "_repr_mimebundle_", None)
        if callable(bundle):
            shown = bundle(value, include=None, exclude=None)
            forms.update(shown[0] if isinstance(shown, tuple) else shown or {})
        for method, mime in (
            ("_repr_html_", "text/html"), ("_repr_markdown_", "text/markdown"), ("_repr_svg_", "image/svg+xml"),
            ("_repr_latex_", "text/latex"), ("_repr_png_", "image/png"), ("_repr_jpeg_", "image/jpeg"),
            ("_repr_json_", "application/json"),
        ):
            show = getattr(type(value), method, None)
            form = show(value) if callable(show) else None
            if isinstance(form, tuple):
                form = form[0]
            if form is not None:
                forms[mime] = form
        for mime, form in forms.items():
            if isinstance(form, bytes):
                forms[mime] = base64.b64encode(form).decode()
            elif not isinstance(form, str):
                forms[mime] = json.dumps(form, default=str)
        if isinstance(value, (dict, list)) and "application/json" not in forms:
            try:
                forms["application/json"] = json.dumps(value)
            except (TypeError, ValueError, RecursionError):
                # It has no such form.
                pass
        return forms

    def collect_figures(self):
        import base64
        import io

        plots = sys.modules.get("matplotlib.pyplot")
        if plots is None:
            return
        for number in plots.get_fignums():
            figure = plots.figure(number)
            image = io.BytesIO()
            figure.savefig(image, format="png")
            self.results.append(
                {"main": False, "mime": {"text/plain": repr(figure), "image/png": base64.b64encode(image.getvalue()).decode()}})
        plots.close("all")


if len(sys.argv) > 1 and sys.argv[1] == "interpreter":
    Interpreter(socket.socket(fileno=int(sys.argv[2]))).serve()
else:
    call()
