using System.Threading.Channels;

namespace Agb.Conformance.Code;

/// <summary>Tests of the Python interpreter, which lives as long as its session.</summary>
[RunsOn(Services.Overlay, Long = Services.Server)]
public sealed class PythonTests : CodeTest
{
    [Fact]
    public async Task Output_comes_while_the_code_runs()
    {
        var session = await StartAsync();
        var events = Channel.CreateBounded<AgbCodeEvent>(1);
        // The code waits for a file, created by the test after the first output.
        var running = CodeAsync(
            session, AgbCodeLanguage.Python,
            "import os, time\nprint('first', flush=True)\nwhile not os.path.exists('/tmp/go'): time.sleep(0.01)\nprint('second')\n3",
            events: events.Writer);
        (await events.Reader.ReadAsync(Token)).ShouldBe(new AgbCodeEvent { Stream = AgbOutputStream.Stdout, Text = "first\n" });
        await ShellAsync(session, "touch /tmp/go");
        (await events.Reader.ReadAsync(Token)).ShouldBe(new AgbCodeEvent { Stream = AgbOutputStream.Stdout, Text = "second\n" });
        (await events.Reader.ReadAsync(Token)).Result.ShouldNotBeNull().Text.ShouldBe("3");
        (await running).Stdout.ShouldBe("first\nsecond\n");
    }

    [Fact]
    public async Task What_programs_write_that_the_code_starts_is_output_too()
    {
        var result = await SucceedsAsync(
            await StartAsync(), AgbCodeLanguage.Python, "import subprocess\nsubprocess.run('echo out; echo err >&2', shell=True).returncode");
        (result.Stdout, result.Stderr).ShouldBe(("out\n", "err\n"));
        Main(result).ShouldBe("0");
    }

    [Fact]
    public async Task What_code_shows_is_limited_and_the_interpreter_stays()
    {
        var session = await StartAsync();
        var result = await CodeAsync(session, AgbCodeLanguage.Python, $"kept = 5\n'x' * {AgbCodeResult.MaxResultBytes}");
        result.Success.ShouldBeFalse();
        result.Error.ShouldNotBeNull().ShouldContain($"{AgbCodeResult.MaxResultBytes} bytes");
        result.Results.ShouldBeEmpty();
        (await SucceedsAsync(session, AgbCodeLanguage.Python, "print(kept)")).Stdout.ShouldBe("5\n");
    }

    [Fact]
    public async Task A_program_that_the_code_leaves_behind_does_not_hold_the_call()
    {
        var session = await StartAsync();
        await SucceedsAsync(session, AgbCodeLanguage.Python, "import subprocess\np = subprocess.Popen(['sleep', '600'])");
        (await SucceedsAsync(session, AgbCodeLanguage.Python, "print(p.poll())")).Stdout.ShouldBe("None\n");
    }

    [Fact]
    public async Task An_interrupted_call_leaves_the_variables()
    {
        var session = await StartAsync();
        await SucceedsAsync(session, AgbCodeLanguage.Python, "kept = 5");
        (await CodeAsync(session, AgbCodeLanguage.Python, "while True: pass", TimeSpan.FromSeconds(1))).TimedOut.ShouldBeTrue();
        (await SucceedsAsync(session, AgbCodeLanguage.Python, "print(kept)")).Stdout.ShouldBe("5\n");
    }

    [Fact]
    public async Task Code_that_can_not_be_interrupted_costs_the_variables_and_no_more()
    {
        var session = await StartAsync();
        await SucceedsAsync(session, AgbCodeLanguage.Python, "kept = 5");
        const string Stubborn = "import time\nwhile True:\n  try:\n    time.sleep(600)\n  except BaseException: pass";
        (await CodeAsync(session, AgbCodeLanguage.Python, Stubborn, TimeSpan.FromSeconds(1))).TimedOut.ShouldBeTrue();
        var result = await CodeAsync(session, AgbCodeLanguage.Python, "print(kept)");
        // The first call may still meet the dying interpreter; the next call gets a new one.
        result = result.Error?.Contains("NameError", StringComparison.Ordinal) == true
            ? result
            : await CodeAsync(session, AgbCodeLanguage.Python, "print(kept)");
        result.Error.ShouldNotBeNull().ShouldContain("NameError");
    }

    [Fact]
    public async Task An_interpreter_that_dies_is_reported_and_replaced()
    {
        var session = await StartAsync();
        var result = await CodeAsync(session, AgbCodeLanguage.Python, "import os\nprint('last words', flush=True)\nos._exit(9)");
        result.Success.ShouldBeFalse();
        result.Stdout.ShouldBe("last words\n");
        result.Error.ShouldNotBeNull().ShouldContain("interpreter");
        (await SucceedsAsync(session, AgbCodeLanguage.Python, "print('alive')")).Stdout.ShouldBe("alive\n");
    }

    [Fact]
    public async Task Cancelling_ends_the_code()
    {
        var session = await StartAsync();
        await SucceedsAsync(session, AgbCodeLanguage.Python, "1");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = Service.RunCodeAsync(
            session,
            new AgbCodeRequest { Code = "open('/tmp/begun', 'w')\nimport time\ntry:\n  time.sleep(600)\nfinally:\n  open('/tmp/ended', 'w')" },
            cancel.Token);
        await ShellAsync(session, "until [ -e /tmp/begun ]; do sleep 0.01; done");
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => running);
        await ShellAsync(session, "until [ -e /tmp/ended ]; do sleep 0.01; done");
    }

    [Fact]
    public async Task Calls_at_once_take_turns()
    {
        var session = await StartAsync();
        await SucceedsAsync(session, AgbCodeLanguage.Python, "n = 0");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SucceedsAsync(session, AgbCodeLanguage.Python, "n += 1\nprint(n)")));
        (await SucceedsAsync(session, AgbCodeLanguage.Python, "print(n)")).Stdout.ShouldBe("8\n");
    }

    [Fact]
    public async Task Values_show_their_rich_forms()
    {
        const string Code = """
            class Rich:
                def __repr__(self): return 'plain'
                def _repr_html_(self): return '<b>rich</b>'
                def _repr_png_(self): return b'\x89PNG'
            display(Rich())
            {'a': 1}
            """;
        var result = await SucceedsAsync(await StartAsync(), AgbCodeLanguage.Python, Code);
        result.Results.Count.ShouldBe(2);
        result.Results[0].IsMainResult.ShouldBeFalse();
        result.Results[0].Mime.OrderBy(m => m.Key).ShouldBe([new("image/png", "iVBORw=="), new("text/html", "<b>rich</b>"), new("text/plain", "plain")]);
        result.Results[1].Mime["application/json"].ShouldBe("{\"a\": 1}");
    }

    [Fact]
    public async Task Code_written_for_notebooks_shows_its_values()
    {
        const string Code = """
            from IPython.display import display, HTML
            display(HTML('<h1>title</h1>'))
            class Chart:
                def _repr_mimebundle_(self, include=None, exclude=None):
                    return {'application/vnd.vegalite.v4+json': {'mark': 'bar'}, 'text/plain': 'Chart'}
            display(Chart())
            """;
        var result = await SucceedsAsync(await StartAsync(), AgbCodeLanguage.Python, Code);
        result.Results.Select(r => r.IsMainResult).ShouldBe([false, false]);
        result.Results[0].Mime["text/html"].ShouldBe("<h1>title</h1>");
        result.Results[1].Mime["application/vnd.vegalite.v4+json"].ShouldBe("{\"mark\": \"bar\"}");
        result.Results[1].Text.ShouldBe("Chart");
    }

    [Fact]
    public async Task A_chart_is_shown_where_the_library_is_installed()
    {
        var session = await StartAsync();
        var plot = await CodeAsync(
            session, AgbCodeLanguage.Python, "import matplotlib.pyplot as plt\nplt.figure()\nplt.plot([1, 2], [3, 4])\nplt.show()");
        Assert.SkipWhen(plot.Error?.Contains("No module named 'matplotlib'", StringComparison.Ordinal) == true, "The sessions have no matplotlib.");
        plot.Error.ShouldBeNull();
        Convert.FromBase64String(plot.Results.ShouldHaveSingleItem().Mime["image/png"])[1..4].ShouldBe("PNG"u8.ToArray());
    }

    [Fact]
    public async Task A_coroutine_at_the_top_is_awaited() =>
        Main(await SucceedsAsync(await StartAsync(), AgbCodeLanguage.Python, "import asyncio\nawait asyncio.sleep(0, 'done')")).ShouldBe("'done'");

    [Fact]
    public async Task A_traceback_shows_the_code_and_nothing_else()
    {
        var result = await CodeAsync(await StartAsync(), AgbCodeLanguage.Python, "def f():\n    return 1 / 0\nf()");
        result.Error.ShouldNotBeNull().Split('\n')[..3].ShouldBe(
            ["Traceback (most recent call last):", "  File \"<cell 1>\", line 3, in <module>", "    f()"], result.Error);
        result.Error.ShouldEndWith("ZeroDivisionError: division by zero");
    }

    [Fact]
    public async Task Large_output_arrives_whole()
    {
        var result = await SucceedsAsync(await StartAsync(), AgbCodeLanguage.Python, "print('ä' * 1_000_000)\n'b' * 1_000_000");
        result.Stdout.Length.ShouldBe(1_000_001);
        Main(result).Length.ShouldBe(1_000_002);
    }
}
