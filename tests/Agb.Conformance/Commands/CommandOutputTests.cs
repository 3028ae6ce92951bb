using System.Text;

namespace Agb.Conformance.Commands;

/// <summary>Tests of command output: separate streams, exact bytes, limits.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy)]
public sealed class CommandOutputTests : ServiceTest
{
    [Fact]
    public async Task Stdout_and_stderr_are_kept_apart_and_to_the_byte()
    {
        var session = await StartAsync();
        var result = await RunAsync(session, @"printf 'a\0\377\r\n\n'; printf 'b\0\376' >&2");
        result.GetStdoutBytes().ShouldBe([(byte)'a', 0, 0xff, (byte)'\r', (byte)'\n', (byte)'\n']);
        result.GetStderrBytes().ShouldBe([(byte)'b', 0, 0xfe]);
        result.Stdout.ShouldBe("a\0\ufffd\r\n\n");
        result.Stderr.ShouldBe("b\0\ufffd");
        (result.StdoutTruncated, result.StderrTruncated).ShouldBe((false, false));
    }

    [Fact]
    public async Task Output_is_decoded_as_UTF8()
    {
        var session = await StartAsync();
        var result = await RunAsync(session, "printf 'äöü 数据 😀'; printf 'Fehler: ß' >&2");
        (result.Stdout, result.Stderr).ShouldBe(("äöü 数据 😀", "Fehler: ß"));
    }

    [Fact]
    public async Task A_command_without_output_has_empty_output()
    {
        var session = await StartAsync();
        var result = await RunAsync(session, "true");
        (result.Stdout, result.Stderr, result.Output).ShouldBe(("", "", ""));
    }

    [Fact]
    public async Task Output_up_to_the_limit_is_whole()
    {
        var session = await StartAsync();
        var result = await LimitedAsync(session, "printf 0123456789; printf 9876543210 >&2", 10);
        (result.Stdout, result.StdoutTruncated).ShouldBe(("0123456789", false));
        (result.Stderr, result.StderrTruncated).ShouldBe(("9876543210", false));
    }

    [Fact]
    public async Task Output_over_the_limit_is_cut_and_reported_for_each_stream()
    {
        var session = await StartAsync();
        var result = await LimitedAsync(session, "printf 01234567890; printf 98765 >&2", 10);
        (result.Stdout, result.StdoutTruncated).ShouldBe(("0123456789", true));
        (result.Stderr, result.StderrTruncated).ShouldBe(("98765", false));
        var other = await LimitedAsync(session, "printf 0123; printf 987654321012 >&2; exit 4", 10);
        (other.StdoutTruncated, other.StderrTruncated, other.ExitCode).ShouldBe((false, true, 4));
    }

    [Fact]
    public async Task A_limit_of_zero_keeps_nothing_and_the_command_still_ends()
    {
        var session = await StartAsync();
        var result = await LimitedAsync(session, "head -c 1000000 /dev/zero; exit 5", 0);
        (result.Stdout, result.StdoutTruncated, result.ExitCode).ShouldBe(("", true, 5));
    }

    [Fact]
    public async Task Much_output_is_drained_and_its_beginning_kept()
    {
        var session = await StartAsync();
        var result = await RunAsync(session, "echo first; head -c 30000000 /dev/zero | tr '\\0' x; echo last >&2");
        result.Success.ShouldBeTrue();
        result.StdoutTruncated.ShouldBeTrue();
        result.GetStdoutBytes().Length.ShouldBe(AgbCommandRequest.DefaultMaxOutputBytes);
        result.GetStdoutBytes().AsSpan(0, 7).SequenceEqual("first\nx"u8).ShouldBeTrue();
        result.Stderr.ShouldBe("last\n");
    }

    [Fact]
    public async Task Output_before_a_time_limit_is_kept()
    {
        var session = await StartAsync();
        var result = await Service.RunCommandAsync(
            session, new AgbCommandRequest { Command = "echo out; echo err >&2; sleep 600", Timeout = TimeSpan.FromSeconds(2) }, Token);
        (result.TimedOut, result.Stdout, result.Stderr).ShouldBe((true, "out\n", "err\n"));
    }

    [Fact]
    public async Task Both_streams_can_be_filled_at_once()
    {
        var session = await StartAsync();
        var result = await RunAsync(session, "for i in $(seq 20000); do echo out $i; echo err $i >&2; done");
        result.Success.ShouldBeTrue();
        result.Stdout.ShouldBe(Numbered("out"));
        result.Stderr.ShouldBe(Numbered("err"));
    }

    private static string Numbered(string word) =>
        Enumerable.Range(1, 20000).Aggregate(new StringBuilder(), (text, i) => text.Append(word).Append(' ').Append(i).Append('\n')).ToString();

    private Task<AgbCommandResult> LimitedAsync(AgbSession session, string command, int limit) =>
        Service.RunCommandAsync(session, new AgbCommandRequest { Command = command, MaxOutputBytes = limit }, Token);
}
