using System.Diagnostics;

namespace Agb.Conformance.Commands;

/// <summary>Tests of commands in sessions, with their limits and environment.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy)]
public sealed class CommandTests : ServiceTest
{
    [Theory]
    [InlineData("true", 0, null)]
    [InlineData("exit 3", 3, null)]
    [InlineData("exit 255", 255, null)]
    [InlineData("no-such-program-at-all", 127, null)]
    [InlineData("kill -TERM $$", 143, 15)]
    public async Task The_exit_code_is_reported(string command, int exitCode, int? signal)
    {
        var session = await StartAsync();
        var result = await RunAsync(session, command);
        (result.ExitCode, result.Signal, result.TimedOut).ShouldBe((exitCode, signal, false));
        result.Success.ShouldBe(exitCode == 0);
        (result.SessionId, result.Command).ShouldBe((session.SessionId, command));
        result.Service.ShouldBeSameAs(Service);
    }

    [Fact]
    public async Task A_command_runs_in_the_home_directory_by_default()
    {
        var session = await StartAsync();
        (await ShellAsync(session, "[ \"$PWD\" = \"$HOME\" ] && touch \"$PWD/writable\" && echo home")).ShouldBe("home");
    }

    [Fact]
    public async Task A_command_runs_in_the_directory_that_was_asked_for()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At("/home/a b'c"));
        (await ShellAsync(session, "pwd; touch f", "/home/a b'c/")).ShouldBe("/home/a b'c");
        (await ShellAsync(session, "ls", "/home/a b'c")).ShouldBe("f");
    }

    [Fact]
    public async Task Environment_variables_arrive_as_they_are()
    {
        const string Value = "a 'b' \"c\" $HOME `id` \\ \n*ä=";
        var session = await StartAsync();
        var result = await Service.RunCommandAsync(
            session,
            new AgbCommandRequest
            {
                Command = "printf %s \"$VALUE\"; printf %s \"$AGB_IMAGE_ID$EMPTY\" >&2",
                Environment = new Dictionary<string, string> { ["VALUE"] = Value, ["EMPTY"] = "" },
            },
            Token);
        (result.Stdout, result.Stderr).ShouldBe((Value, AgbSessionRequest.DefaultImageId));
    }

    [Fact]
    public async Task Variables_of_one_command_do_not_reach_the_next()
    {
        var session = await StartAsync();
        await Service.RunCommandAsync(
            session,
            new AgbCommandRequest { Command = "export B=2", Environment = new Dictionary<string, string> { ["A"] = "1" } }, Token);
        (await ShellAsync(session, "echo \"<$A$B>\"")).ShouldBe("<>");
    }

    [Fact]
    public async Task Files_of_one_command_are_there_for_the_next()
    {
        var session = await StartAsync();
        await ShellAsync(session, "echo 1 >/tmp/f");
        (await ShellAsync(session, "cat /tmp/f")).ShouldBe("1");
    }

    [Fact]
    public async Task A_command_reads_nothing_from_its_input()
    {
        var session = await StartAsync();
        (await ShellAsync(session, "cat | wc -c; read -r x || echo end")).ShouldBe("0\nend");
    }

    [Fact]
    public async Task A_command_over_its_time_is_killed_with_all_that_it_started()
    {
        var session = await StartAsync();
        var result = await Service.RunCommandAsync(
            session,
            new AgbCommandRequest
            {
                Command = "echo begun; trap '' TERM; (sleep 7001 & setsid sleep 7002 & wait) & setsid nohup sleep 7003 & sleep 7004; echo not reached",
                Timeout = TimeSpan.FromSeconds(2),
            },
            Token);
        result.TimedOut.ShouldBeTrue();
        result.Success.ShouldBeFalse();
        result.Stdout.ShouldBe("begun\n");
        result.Duration.ShouldBeInRange(TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(60));
        (await ShellAsync(session, "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep [7]00' || true")).ShouldBe("0");
    }

    [Fact]
    public async Task A_cancelled_command_is_killed_with_all_that_it_started()
    {
        var session = await StartAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var command = Service.RunCommandAsync(
            session, new AgbCommandRequest { Command = "touch /tmp/begun; setsid sleep 7005 & sleep 7006" }, cancel.Token);
        await Eventually.HoldsAsync("the command has begun", async () => (await RunAsync(session, "test -e /tmp/begun")).Success);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => command);
        (await ShellAsync(session, "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep [7]00' || true")).ShouldBe("0");
        (await Service.GetSessionAsync(session, Token)).Status.ShouldBe(AgbSessionStatus.Running);
    }

    [Fact]
    public async Task A_background_process_neither_holds_its_command_up_nor_ends_with_it()
    {
        var session = await StartAsync();
        var began = Stopwatch.GetTimestamp();
        // The background process keeps the command's output open.
        (await ShellAsync(session, "(until [ -e /tmp/go ]; do sleep 0.02; done; echo late; echo done >/tmp/result) & echo early")).ShouldBe("early");
        Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(30));
        (await RunAsync(session, "test -e /tmp/result")).Success.ShouldBeFalse();
        (await ShellAsync(session, "touch /tmp/go; until [ -s /tmp/result ]; do sleep 0.02; done; cat /tmp/result")).ShouldBe("done");
    }

    [Fact]
    public async Task Commands_run_side_by_side_in_one_session()
    {
        var session = await StartAsync();
        // Each waits for the other: in sequence, neither would end.
        var results = await Task.WhenAll(
            RunAsync(session, "touch /tmp/a; until [ -e /tmp/b ]; do sleep 0.02; done; echo a"),
            RunAsync(session, "touch /tmp/b; until [ -e /tmp/a ]; do sleep 0.02; done; echo b"));
        results.Select(r => r.Stdout).ShouldBe(["a\n", "b\n"]);
    }

    [Fact]
    public async Task A_command_of_the_greatest_length_runs()
    {
        var session = await StartAsync();
        const string Head = "echo ${#0}; : ";
        var command = Head + new string('x', AgbCommandRequest.MaxCommandBytes - Head.Length);
        (await RunAsync(session, command)).Success.ShouldBeTrue();
    }

    [Fact]
    public async Task A_command_may_have_many_lines_and_any_letters()
    {
        var session = await StartAsync();
        (await ShellAsync(session, "cat <<'END'\nZeile 1: äöü 😀\n\tZeile 2: $x `y` \\\nEND\n# a comment\nif true\nthen echo 'it'\\''s'; fi"))
            .ShouldBe("Zeile 1: äöü 😀\n\tZeile 2: $x `y` \\\nit's");
    }

    [Fact]
    public async Task The_time_a_command_took_is_reported()
    {
        var session = await StartAsync();
        (await RunAsync(session, "sleep 0.3")).Duration.ShouldBeInRange(TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(60));
    }
}
