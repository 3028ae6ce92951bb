using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;

namespace Agb.Conformance.Commands;

/// <summary>Tests of command arguments, stdin, and streams for the output.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy)]
public sealed class CommandStreamTests : ServiceTest
{
    private const int Large = 12 * 1024 * 1024;

    [Fact]
    public async Task Arguments_arrive_as_they_are()
    {
        string[] given = ["a b", "", "$HOME `id` \"'\\", "-n", "*", "ä\n数", "--"];
        var session = await StartAsync();
        var result = await RunAsync(session, new AgbCommandRequest { Command = "echo $#; printf '<%s>' \"$@\"", Arguments = given });
        result.Stdout.ShouldBe($"{given.Length}\n{string.Concat(given.Select(g => $"<{g}>"))}");
    }

    [Fact]
    public async Task An_argument_may_be_as_large_as_a_command()
    {
        var session = await StartAsync();
        var result = await RunAsync(
            session, new AgbCommandRequest { Command = "echo ${#1} ${#2}", Arguments = [new string('x', AgbCommandRequest.MaxCommandBytes), "yy"] });
        result.Stdout.ShouldBe($"{AgbCommandRequest.MaxCommandBytes} 2\n");
    }

    [Fact]
    public async Task Arguments_that_no_command_line_carries_are_refused()
    {
        var session = await StartAsync();
        await RefusesAsync(AgbErrorIds.InvalidCommand, () => RunAsync(session, new AgbCommandRequest { Command = "true", Arguments = ["a\0b"] }));
        await RefusesAsync(
            AgbErrorIds.InvalidCommand,
            () => RunAsync(session, new AgbCommandRequest { Command = "true", Arguments = [new string('x', AgbCommandRequest.MaxCommandBytes + 1)] }));
        await RefusesAsync(
            AgbErrorIds.InvalidCommand,
            () => RunAsync(session, new AgbCommandRequest { Command = "true", Arguments = [.. Enumerable.Repeat(new string('x', 1000), 1100)] }));
    }

    [Fact]
    public async Task Stdin_of_any_size_arrives_whole()
    {
        var bytes = RandomNumberGenerator.GetBytes(Large);
        var session = await StartAsync();
        var result = await RunAsync(session, new AgbCommandRequest { Command = "sha256sum", Input = new MemoryStream(bytes) });
        result.Stdout.ShouldStartWith(Convert.ToHexStringLower(SHA256.HashData(bytes)));
        (await RunAsync(session, new AgbCommandRequest { Command = "wc -c", Input = new MemoryStream() })).Stdout.Trim().ShouldBe("0");
    }

    [Fact]
    public async Task A_command_that_does_not_read_its_stdin_ends_all_the_same()
    {
        var session = await StartAsync();
        (await RunAsync(session, new AgbCommandRequest { Command = "echo done", Input = new MemoryStream(new byte[Large]) })).Stdout.ShouldBe("done\n");
        (await RunAsync(session, new AgbCommandRequest { Command = "head -c 3", Input = new MemoryStream("abcdef"u8.ToArray()) })).Stdout.ShouldBe("abc");
    }

    [Fact]
    public async Task Stdin_is_read_no_faster_than_the_command_reads()
    {
        var session = await StartAsync();
        var endless = new EndlessStream();
        (await RunAsync(session, new AgbCommandRequest { Command = "sleep 1; head -c 100000 | wc -c", Input = endless })).Stdout.Trim().ShouldBe("100000");
        endless.Count.ShouldBeLessThan(8 * 1024 * 1024);
    }

    [Fact]
    public async Task Stdin_that_breaks_ends_the_command_with_its_error()
    {
        var session = await StartAsync();
        var error = await Should.ThrowAsync<InvalidDataException>(
            () => RunAsync(session, new AgbCommandRequest { Command = "cat >/tmp/in && touch /tmp/whole", Input = new BrokenStream() }));
        error.Message.ShouldBe("broken");
        (await ShellAsync(session, "[ -e /tmp/whole ] && echo whole || echo part")).ShouldBe("part");
    }

    [Fact]
    public async Task Bytes_of_stdout_go_to_a_stream()
    {
        var session = await StartAsync();
        using var output = new MemoryStream();
        var result = await RunAsync(
            session,
            new AgbCommandRequest { Command = $"head -c {Large} /dev/zero | tr '\\0' '\\377'; echo err >&2; exit 4", Output = output });
        (result.ExitCode, result.Stdout, result.StdoutTruncated, result.Stderr).ShouldBe((4, "", false, "err\n"));
        output.Length.ShouldBe(Large);
        output.ToArray().AsSpan().ContainsAnyExcept((byte)0xff).ShouldBeFalse();
    }

    [Fact]
    public async Task Bytes_may_go_in_and_out_at_once()
    {
        var bytes = RandomNumberGenerator.GetBytes(Large);
        var session = await StartAsync();
        using var output = new MemoryStream();
        await RunAsync(session, new AgbCommandRequest { Command = "cat", Input = new MemoryStream(bytes), Output = output });
        output.ToArray().AsSpan().SequenceEqual(bytes).ShouldBeTrue();
    }

    [Fact]
    public async Task Lines_come_while_stdin_is_read()
    {
        var session = await StartAsync();
        var lines = Channel.CreateUnbounded<AgbCommandOutput>();
        var input = new System.IO.Pipelines.Pipe();
        var run = RunAsync(session, new AgbCommandRequest { Command = "cat", Input = input.Reader.AsStream(), Lines = lines.Writer });
        foreach (var word in new[] { "one", "two" })
        {
            await input.Writer.WriteAsync(Encoding.UTF8.GetBytes(word + "\n"), Token);
            (await lines.Reader.ReadAsync(Token)).Text.ShouldBe(word);
        }
        await input.Writer.CompleteAsync();
        (await run).Stdout.ShouldBe("one\ntwo\n");
    }

    [Fact]
    public async Task A_stream_for_stdout_that_breaks_ends_the_command_with_its_error()
    {
        var session = await StartAsync();
        var error = await Should.ThrowAsync<InvalidDataException>(
            () => RunAsync(session, new AgbCommandRequest { Command = "yes", Output = new BrokenStream() }));
        error.Message.ShouldBe("broken");
        (await RunAsync(session, "pgrep -x yes")).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task A_cancelled_command_with_streams_is_killed()
    {
        var session = await StartAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var command = Service.RunCommandAsync(
            session,
            new AgbCommandRequest { Command = "touch /tmp/begun; cat >/dev/null & sleep 7008", Input = new EndlessStream(), Output = new MemoryStream() }, cancel.Token);
        await Eventually.HoldsAsync("the command has begun", async () => (await RunAsync(session, "test -e /tmp/begun")).Success);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => command);
        (await ShellAsync(session, "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep [7]008' || true")).ShouldBe("0");
    }

    [Fact]
    public async Task Errors_of_a_command_with_streams_have_their_ids()
    {
        await RefusesAsync(
            AgbErrorIds.SessionNotFound, () => Service.RunCommandAsync(new SessionId("s-none"), new AgbCommandRequest { Command = "cat", Input = new MemoryStream() }, Token));
        var session = await StartAsync();
        await FailsAsync(
            AgbErrorIds.WorkingDirectoryNotFound,
            () => RunAsync(session, new AgbCommandRequest { Command = "cat", Input = new MemoryStream(), WorkingDirectory = "/nowhere" }));
    }

    [Fact]
    public async Task A_program_opens_its_own_streams_again()
    {
        var session = await StartAsync();
        var result = await RunAsync(
            session,
            new AgbCommandRequest
            {
                Command = "echo out >/dev/stdout; echo err >/dev/stderr; cat /dev/stdin; echo log | tee /dev/stderr >/dev/null; echo fd >/proc/self/fd/1",
                Input = new MemoryStream("in\n"u8.ToArray()),
            });
        (result.Stdout, result.Stderr).ShouldBe(("out\nin\nfd\n", "err\nlog\n"));
        (await ShellAsync(session, "(echo back >/dev/stdout; echo done >/tmp/back) & until [ -e /tmp/back ]; do sleep 0.02; done")).ShouldBe("back");
    }

    [Theory]
    [InlineData("ä", 1, "")]
    [InlineData("aä", 2, "a")]
    [InlineData("a数", 3, "a")]
    [InlineData("a😀", 4, "a")]
    [InlineData("a😀", 5, "a😀")]
    [InlineData(@"\377😀", 3, "\ufffd")]
    [InlineData(@"a\377\377b", 3, "a\ufffd\ufffd")]
    public async Task Output_that_is_cut_ends_with_a_whole_character(string written, int limit, string kept)
    {
        var session = await StartAsync();
        var result = await RunAsync(session, new AgbCommandRequest { Command = $"printf '{written}more'; printf '{written}more' >&2", MaxOutputBytes = limit });
        (result.Stdout, result.Stderr, result.StdoutTruncated, result.StderrTruncated).ShouldBe((kept, kept, true, true));
        result.GetStdoutBytes().Length.ShouldBe(limit);
    }

    [Fact]
    public async Task Half_a_character_that_the_program_wrote_stays()
    {
        var session = await StartAsync();
        (await RunAsync(session, @"printf 'a\342\202'")).Stdout.ShouldBe("a\ufffd");
    }

    [Theory]
    [InlineData("#!/bin/sh\necho \"$0|$#|$1|$2\"\ncat\nexit 7\n", "script one|2|a b|\nin", 7)]
    [InlineData("echo no first line $1\n", "no first line a b\n", 0)]
    [InlineData("#!/usr/bin/env python3\nimport sys\nprint(sys.argv[1:], sys.stdin.read())\n", "['a b', ''] in\n", 0)]
    public async Task A_script_runs_by_its_own_interpreter(string content, string expected, int exitCode)
    {
        var session = await StartAsync();
        var script = AgbScript.Read("script one", Encoding.UTF8.GetBytes(content));
        var result = await RunAsync(
            session,
            script.ToRequest(new AgbCommandRequest { Command = "", Arguments = ["a b", ""], Input = new MemoryStream("in"u8.ToArray()) }));
        result.Stderr.ShouldBeEmpty();
        result.ExitCode.ShouldBe(exitCode);
        // The folder of $0 is chosen by the session.
        string.Join('\n', result.Stdout.Split('\n').Select(l => l.StartsWith('/') ? l[(l.IndexOf("script one", StringComparison.Ordinal))..] : l)).ShouldBe(expected);
        (await ShellAsync(session, "ls /tmp")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_large_script_arrives_whole()
    {
        var session = await StartAsync();
        var content = new StringBuilder("#!/bin/bash\n");
        while (content.Length < AgbScript.MaxBytes - 1000)
        {
            content.Append("# ").Append('x', 98).Append('\n');
        }
        content.Append("echo reached\n");
        var script = AgbScript.Read("big", Encoding.UTF8.GetBytes(content.ToString()));
        (await RunAsync(session, script.ToRequest(new AgbCommandRequest { Command = "" }))).Stdout.ShouldBe("reached\n");
    }

    private Task<AgbCommandResult> RunAsync(AgbSession session, AgbCommandRequest request) => Service.RunCommandAsync(session, request, Token);

    private sealed class EndlessStream : MemoryStream
    {
        public long Count { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            buffer.Span.Fill((byte)'x');
            Count += buffer.Length;
            return buffer.Length;
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        private int _calls;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _calls++ == 0 ? ValueTask.FromResult(buffer.Length) : throw new InvalidDataException("broken");

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            _calls++ == 0 ? ValueTask.CompletedTask : throw new InvalidDataException("broken");
    }
}
