using System.Diagnostics;
using System.Text;

namespace Agb.Engine.Tests.Sandbox;

public sealed class CommandTests : SandboxTest
{
    [Fact]
    public async Task Keeps_stdout_and_stderr_apart_and_exact()
    {
        var session = await StartAsync();
        var outcome = await session.RunAsync(@"printf 'a\0\377\n'; printf 'b\0\376' >&2");
        outcome.Stdout.ShouldBe([(byte)'a', 0, 0xff, (byte)'\n']);
        outcome.Stderr.ShouldBe([(byte)'b', 0, 0xfe]);
        outcome.ExitCode.ShouldBe(0);
        outcome.StdoutTruncated.ShouldBeFalse();
        outcome.StderrTruncated.ShouldBeFalse();
    }

    [Theory]
    [InlineData("true", 0, null)]
    [InlineData("exit 3", 3, null)]
    [InlineData("exit 255", 255, null)]
    [InlineData("kill -TERM $$", 143, 15)]
    [InlineData("kill -KILL $$", 137, 9)]
    [InlineData("kill -SEGV $$", 139, 11)]
    [InlineData("sh -c 'kill -TERM $$'; exit $?", 143, null)]
    [InlineData("no-such-program-at-all", 127, null)]
    public async Task Reports_exit_codes_and_signals(string command, int exitCode, int? signal)
    {
        var session = await StartAsync();
        var outcome = await session.RunAsync(command);
        outcome.ExitCode.ShouldBe(exitCode);
        outcome.Signal.ShouldBe(signal);
        outcome.TimedOut.ShouldBeFalse();
    }

    [Fact]
    public async Task Gives_environment_values_as_they_are()
    {
        var session = await StartAsync();
        const string Value = "a 'b' \"c\" $HOME `id` \\ \n*ä=";
        var outcome = await session.RunAsync(new AgbCommandRequest
        {
            Command = "printf %s \"$VALUE\"; printf %s \"$AGB_IMAGE_ID\" >&2",
            Environment = new Dictionary<string, string> { ["VALUE"] = Value, ["LD_PRELOAD"] = "" },
        });
        outcome.Text().ShouldBe(Value);
        outcome.ErrorText().ShouldBe("agb-code-space-1");
    }

    [Fact]
    public async Task A_users_environment_reaches_no_program_of_the_host()
    {
        var session = await StartAsync();
        // Were it to reach nsenter, the loader would complain on stderr before the command begins.
        var outcome = await session.RunAsync(new AgbCommandRequest
        {
            Command = "unset LD_PRELOAD; echo ok",
            Environment = new Dictionary<string, string> { ["LD_PRELOAD"] = "/nowhere/evil.so" },
        });
        outcome.Text().ShouldBe("ok\n");
        var complaints = outcome.ErrorText().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        complaints.Length.ShouldBe(1, "only the command's own shell has the variable");
    }

    [Fact]
    public async Task Has_a_clean_environment_and_no_stray_descriptors()
    {
        Environment.SetEnvironmentVariable("AGB_TEST_SECRET", "do not tell");
        var session = await StartAsync();
        var names = (await session.OutputAsync("env | sed 's/=.*//' | sort | tr '\\n' ' '")).Trim();
        names.ShouldBe("AGB_IMAGE_ID HOME LANG LOGNAME PATH PWD SHLVL USER _");
        // Through a file: for a pipe the shell would have more of its own.
        (await session.OutputAsync("ls /proc/$$/fd > /tmp/list; tr '\\n' ' ' < /tmp/list")).ShouldBe("0 1 2 ");
    }

    [Fact]
    public async Task Starts_with_default_signals_an_empty_mask_and_the_usual_file_mask()
    {
        var session = await StartAsync();
        var status = await session.OutputAsync("grep -E '^(SigBlk|SigIgn|Umask)' /proc/self/status");
        status.ShouldContain("SigBlk:\t0000000000000000");
        status.ShouldContain("SigIgn:\t0000000000000000");
        status.ShouldContain("Umask:\t0022");
    }

    [Fact]
    public async Task Reads_nothing_from_stdin()
    {
        var session = await StartAsync();
        (await session.OutputAsync("cat | wc -c; readlink /proc/self/fd/0")).ShouldBe("0\n/dev/null");
    }

    [Fact]
    public async Task Runs_in_the_home_directory_or_the_one_that_is_named()
    {
        var session = await StartAsync();
        (await session.OutputAsync("pwd")).ShouldBe("/home/code");
        await session.OutputAsync("mkdir -p '/home/code/a b'; ln -s '/home/code/a b' /tmp/link");
        (await session.RunAsync(new AgbCommandRequest { Command = "pwd -P", WorkingDirectory = "/tmp/link" })).Text()
            .ShouldBe("/home/code/a b\n");
    }

    [Fact]
    public async Task Says_when_the_working_directory_does_not_exist()
    {
        var session = await StartAsync();
        var error = await Should.ThrowAsync<AgbException>(
            session.RunAsync(new AgbCommandRequest { Command = "echo x > /tmp/ran", WorkingDirectory = "/no/such" }));
        error.ErrorId.ShouldBe(AgbErrorIds.WorkingDirectoryNotFound);
        error.Message.ShouldContain("/no/such");
        error.Message.ShouldContain("No such file or directory");
        await session.OutputAsync("[ ! -e /tmp/ran ]");
    }

    [Fact]
    public async Task The_shell_changes_the_directory_where_env_can_not()
    {
        var session = await StartAsync();
        foreach (var (directory, expected) in new[] { ("/usr/lib", "/usr/lib|a b|x\n"), ("/no/such", "") })
        {
            var result = await ProcessRun.RunAsync(
                new ProcessRunRequest
                {
                    Arguments = CommandEntry.Build(
                        session.Handle, directory, new Dictionary<string, string> { ["A"] = "a b" },
                        ["/bin/sh", "-c", "echo \"$PWD|$A|$1\"", "sh", "x"], shellChangesDirectory: true),
                    Environment = HostTools.Environment,
                    Timeout = TimeSpan.FromSeconds(10),
                },
                Token);
            Encoding.UTF8.GetString(result.Stdout.Bytes).ShouldBe(expected);
            result.ExitCode.ShouldBe(expected.Length > 0 ? 0 : 125);
        }
    }

    [Fact]
    public void Knows_an_env_of_busybox()
    {
        var root = Path.Combine(Home, "image");
        Directory.CreateDirectory(Path.Combine(root, "usr/bin"));
        File.CreateSymbolicLink(Path.Combine(root, "usr/bin/env"), "/bin/busybox");
        CommandEntry.HasPlainEnv(CodeImage with { Root = root }).ShouldBeTrue();
        CommandEntry.HasPlainEnv(CodeImage).ShouldBeFalse();
    }

    [Fact]
    public async Task Does_not_mistake_a_commands_own_words_for_a_missing_directory()
    {
        var session = await StartAsync();
        var outcome = await session.RunAsync("/usr/bin/env --chdir=/no/such true");
        outcome.ExitCode.ShouldBe(125);
        outcome.ErrorText().ShouldContain("cannot change directory");
    }

    [Fact]
    public async Task Keeps_the_beginning_of_a_large_output()
    {
        var session = await StartAsync();
        var outcome = await session.RunAsync(new AgbCommandRequest
        {
            Command = "head -c 100000000 /dev/zero | tr '\\0' x; printf end >&2",
            MaxOutputBytes = 1000,
        });
        outcome.ExitCode.ShouldBe(0);
        outcome.Stdout.Length.ShouldBe(1000);
        outcome.StdoutTruncated.ShouldBeTrue();
        outcome.ErrorText().ShouldBe("end");
        outcome.StderrTruncated.ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_000)]
    public async Task An_output_of_exactly_the_limit_is_whole(int bytes)
    {
        var session = await StartAsync();
        var outcome = await session.RunAsync(new AgbCommandRequest { Command = $"head -c {bytes} /dev/zero", MaxOutputBytes = bytes });
        outcome.Stdout.Length.ShouldBe(bytes);
        outcome.StdoutTruncated.ShouldBeFalse();
    }

    [Fact]
    public async Task Takes_the_longest_command()
    {
        var session = await StartAsync();
        var command = ": " + new string('x', AgbCommandRequest.MaxCommandBytes - 2);
        Encoding.UTF8.GetByteCount(command).ShouldBe(AgbCommandRequest.MaxCommandBytes);
        (await session.RunAsync(command)).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Runs_eight_commands_at_once()
    {
        var session = await StartAsync();
        // Each waits for all the others, so that running them one by one would never end.
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => session.RunAsync(new AgbCommandRequest
        {
            Command = $"touch /tmp/here{i}; until [ $(ls /tmp/here* | wc -l) = 8 ]; do sleep 0.02; done; echo {i}",
            Timeout = TimeSpan.FromSeconds(30),
        })));
        outcomes.Select(o => o.Text()).ShouldBe(Enumerable.Range(0, 8).Select(i => $"{i}\n"));
        outcomes.ShouldAllBe(o => o.ExitCode == 0);
    }

    [Fact]
    public async Task Exit_codes_arrive_beside_the_runtimes_own_child_processes()
    {
        var session = await StartAsync();
        using var stop = new CancellationTokenSource();
        var other = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    using var process = Process.Start("/bin/sh", ["-c", "exit 7"]);
                    await process.WaitForExitAsync();
                    process.ExitCode.ShouldBe(7);
                }
            },
            Token);
        for (var i = 0; i < 40; i++)
        {
            (await session.RunAsync($"exit {i}")).ExitCode.ShouldBe(i);
        }
        await stop.CancelAsync();
        await other;
    }

    [Fact]
    public async Task A_command_in_an_ended_session_says_so()
    {
        var session = await StartAsync();
        await Driver.StopAsync(session.Handle, Token);
        var error = await Should.ThrowAsync<AgbException>(session.RunAsync("true"));
        error.ErrorId.ShouldBe(AgbErrorIds.SessionNotRunning);
    }

    [Fact]
    public async Task A_pid_that_now_belongs_to_another_process_is_not_entered()
    {
        var session = await StartAsync();
        var stale = session.Handle with { InitStartTime = session.Handle.InitStartTime - 1 };
        Driver.IsAlive(stale).ShouldBeFalse();
        var error = await Should.ThrowAsync<AgbException>(
            Driver.RunAsync(stale, CodeImage, new AgbCommandRequest { Command = "true" }, null, Token));
        error.ErrorId.ShouldBe(AgbErrorIds.SessionNotRunning);
        await Driver.StopAsync(stale with { MonitorStartTime = 1 }, Token);
        Driver.IsAlive(session.Handle).ShouldBeTrue();
    }
}
