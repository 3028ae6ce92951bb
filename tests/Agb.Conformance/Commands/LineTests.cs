using System.Threading.Channels;

namespace Agb.Conformance.Commands;

/// <summary>Tests of line-by-line output during a command.</summary>
[RunsOn(Services.Overlay | Services.Server)]
public sealed class LineTests : ServiceTest
{
    [Fact]
    public async Task Lines_come_while_the_command_runs()
    {
        var session = await StartAsync();
        var lines = Channel.CreateBounded<AgbCommandOutput>(4);
        var run = RunAsync(session, "echo first; until [ -e /tmp/go ]; do sleep 0.02; done; echo second", lines);
        (await lines.Reader.ReadAsync(Token)).Text.ShouldBe("first");
        run.IsCompleted.ShouldBeFalse();
        await ShellAsync(session, "touch /tmp/go");
        (await lines.Reader.ReadAsync(Token)).Text.ShouldBe("second");
        (await run).Stdout.ShouldBe("first\nsecond\n");
    }

    [Fact]
    public async Task Each_line_tells_where_it_comes_from()
    {
        var session = await StartAsync();
        var before = DateTimeOffset.UtcNow.AddMinutes(-1);
        var (lines, result) = await AllAsync(session, @"echo a; printf 'b\r\n\n'; printf 'x\ny' >&2; printf end");
        lines.ShouldAllBe(l => l.SessionId == session.SessionId && l.Service == Service && l.Time > before && !l.IsPartial);
        Of(lines, AgbOutputStream.Stdout).ShouldBe([(1, "a"), (2, "b"), (3, ""), (4, "end")]);
        Of(lines, AgbOutputStream.Stderr).ShouldBe([(1, "x"), (2, "y")]);
        // The result has the original bytes.
        result.Stdout.ShouldBe("a\nb\r\n\nend");
        result.Stderr.ShouldBe("x\ny");
    }

    [Fact]
    public async Task A_character_may_come_in_parts()
    {
        var session = await StartAsync();
        var (lines, _) = await AllAsync(session, @"printf 'a\342'; sleep 0.2; printf '\202'; sleep 0.2; printf '\254\n\377\n\342\202'");
        lines.Select(l => l.Text).ShouldBe(["a€", "\ufffd", "\ufffd"]);
    }

    [Fact]
    public async Task A_command_without_output_has_no_lines()
    {
        var session = await StartAsync();
        var (lines, result) = await AllAsync(session, "exit 7");
        lines.ShouldBeEmpty();
        result.ExitCode.ShouldBe(7);
    }

    [Fact]
    public async Task A_line_too_long_for_one_object_comes_in_pieces()
    {
        const int Length = 100_000;
        var session = await StartAsync();
        var (lines, _) = await AllAsync(session, $"head -c {Length} /dev/zero | tr '\\0' x; echo; echo next");
        string.Concat(lines.SkipLast(1).Select(l => l.Text)).ShouldBe(new string('x', Length));
        lines.ShouldAllBe(l => l.Text.Length <= AgbCommandOutput.MaxTextLength);
        lines.SkipLast(2).ShouldAllBe(l => l.IsPartial && l.Number == 1);
        lines[^2].IsPartial.ShouldBeFalse();
        (lines[^1].Number, lines[^1].Text).ShouldBe((2, "next"));
    }

    [Fact]
    public async Task A_slow_reader_slows_the_command_and_loses_nothing()
    {
        const int Count = 200_000;
        var session = await StartAsync();
        var lines = Channel.CreateBounded<AgbCommandOutput>(4);
        var run = RunAsync(session, $"seq 1 {Count}; touch /tmp/done", lines);
        (await lines.Reader.ReadAsync(Token)).Text.ShouldBe("1");
        // More than the capacity of all pipes and buffers on the way.
        await ShellAsync(session, "[ ! -e /tmp/done ]");
        var next = 2;
        while (next <= Count)
        {
            (await lines.Reader.ReadAsync(Token)).Text.ShouldBe(next.ToString(System.Globalization.CultureInfo.InvariantCulture));
            next++;
        }
        (await run).ExitCode.ShouldBe(0);
        lines.Reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Every_line_comes_also_beyond_what_a_result_keeps()
    {
        var session = await StartAsync();
        var lines = Channel.CreateUnbounded<AgbCommandOutput>();
        var result = await Service.RunCommandAsync(
            session, new AgbCommandRequest { Command = "seq 1 1000", MaxOutputBytes = 10, Lines = lines.Writer }, Token);
        result.StdoutTruncated.ShouldBeTrue();
        result.GetStdoutBytes().Length.ShouldBe(10);
        lines.Writer.Complete();
        (await lines.Reader.ReadAllAsync(Token).CountAsync(Token)).ShouldBe(1000);
    }

    [Fact]
    public async Task A_reader_that_wants_no_more_does_not_hold_up_the_command()
    {
        var session = await StartAsync();
        var lines = Channel.CreateBounded<AgbCommandOutput>(1);
        var run = RunAsync(session, "seq 1 100000; exit 3", lines);
        await lines.Reader.ReadAsync(Token);
        lines.Writer.Complete();
        var result = await run;
        result.ExitCode.ShouldBe(3);
        result.Stdout.ShouldEndWith("\n100000\n");
    }

    [Fact]
    public async Task Cancelling_ends_the_command_although_nobody_reads()
    {
        var session = await StartAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var lines = Channel.CreateBounded<AgbCommandOutput>(1);
        var run = Service.RunCommandAsync(
            session, new AgbCommandRequest { Command = "yes", Lines = lines.Writer }, cancel.Token);
        await lines.Reader.ReadAsync(Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(run);
        await RequireGoneAsync(session, "yes");
    }

    [Fact]
    public async Task The_time_limit_ends_the_command_although_nobody_reads()
    {
        var session = await StartAsync();
        var lines = Channel.CreateBounded<AgbCommandOutput>(1);
        var run = Service.RunCommandAsync(
            session, new AgbCommandRequest { Command = "yes", Timeout = TimeSpan.FromSeconds(1), Lines = lines.Writer }, Token);
        await lines.Reader.ReadAsync(Token);
        await Eventually.HoldsAsync("the command is killed", async () => (await RunAsync(session, "pgrep -x yes")).ExitCode == 1);
        lines.Writer.Complete();
        (await run).TimedOut.ShouldBeTrue();
    }

    private Task<AgbCommandResult> RunAsync(AgbSession session, string command, Channel<AgbCommandOutput> lines) =>
        Service.RunCommandAsync(session, new AgbCommandRequest { Command = command, Lines = lines.Writer }, Token);

    private async Task<(List<AgbCommandOutput> Lines, AgbCommandResult Result)> AllAsync(AgbSession session, string command)
    {
        var lines = Channel.CreateUnbounded<AgbCommandOutput>();
        var result = await RunAsync(session, command, lines);
        // All lines arrive before the result.
        lines.Writer.Complete();
        return (await lines.Reader.ReadAllAsync(Token).ToListAsync(Token), result);
    }

    private async Task RequireGoneAsync(AgbSession session, string program) =>
        (await RunAsync(session, $"pgrep -x {program}")).ExitCode.ShouldBe(1);

    private static IEnumerable<(long, string)> Of(List<AgbCommandOutput> lines, AgbOutputStream stream) =>
        lines.Where(l => l.Stream == stream).Select(l => (l.Number, l.Text));
}
