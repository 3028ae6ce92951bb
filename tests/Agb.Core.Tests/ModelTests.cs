namespace Agb.Core.Tests;

public sealed class ModelTests
{
    [Fact]
    public void Output_is_decoded_as_UTF8_and_its_bytes_are_kept()
    {
        byte[] stdout = [(byte)'a', 0, 0xff, 0xc3, 0xa4, (byte)'\n'];
        byte[] stderr = [0xc3];
        var result = Result().WithOutput(stdout, stderr);
        result.Stdout.ShouldBe("a\0\ufffdä\n");
        result.Stderr.ShouldBe("\ufffd");
        result.Output.ShouldBe("a\0\ufffdä\n\ufffd");
        result.GetStdoutBytes().ShouldBe(stdout);
        result.GetStderrBytes().ShouldBe(stderr);
    }

    [Fact]
    public void Output_that_begins_with_a_byte_order_mark_keeps_it() =>
        Result().WithOutput([0xef, 0xbb, 0xbf, (byte)'x'], []).Stdout.ShouldBe("\ufeffx");

    [Fact]
    public void Other_properties_stay_when_output_is_set()
    {
        var result = (Result() with { ExitCode = 3, StdoutTruncated = true, Duration = TimeSpan.FromSeconds(2) }).WithOutput([], []);
        (result.ExitCode, result.StdoutTruncated, result.Duration, result.SessionId).ShouldBe((3, true, TimeSpan.FromSeconds(2), "s"));
    }

    [Fact]
    public void A_result_without_output_has_empty_text() => (Result().Stdout, Result().Stderr, Result().Output).ShouldBe(("", "", ""));

    [Fact]
    public void A_command_succeeds_only_by_ending_itself_with_zero()
    {
        Result().Success.ShouldBeTrue();
        (Result() with { ExitCode = 1 }).Success.ShouldBeFalse();
        (Result() with { TimedOut = true }).Success.ShouldBeFalse();
        (Result() with { Signal = 9 }).Success.ShouldBeFalse();
    }

    [Fact]
    public void A_result_is_printed_as_its_output() => Result().WithOutput("out\n"u8.ToArray(), "err\n"u8.ToArray()).ToString().ShouldBe("out\nerr\n");

    [Fact]
    public void A_command_has_the_documented_defaults()
    {
        var request = new AgbCommandRequest { Command = "x" };
        (request.Timeout, request.WorkingDirectory, request.MaxOutputBytes).ShouldBe((TimeSpan.FromSeconds(300), null, 8 * 1024 * 1024));
        request.Environment.ShouldBeEmpty();
    }

    [Fact]
    public void No_list_of_an_object_that_is_shown_reads_as_its_types_name()
    {
        var lists = typeof(AgbSession).Assembly.GetExportedTypes()
            .Where(t => t is { IsAbstract: false, IsClass: true } && !t.Name.EndsWith("Request", StringComparison.Ordinal) && t.GetConstructor([]) is not null)
            .SelectMany(t => t.GetProperties().Where(p => p.PropertyType.IsInterface && typeof(System.Collections.IEnumerable).IsAssignableFrom(p.PropertyType))
                .Select(p => (Name: $"{t.Name}.{p.Name}", Value: p.GetValue(Activator.CreateInstance(t))))).ToArray();

        lists.Length.ShouldBeGreaterThan(8);
        lists.Where(l => l.Value?.ToString()!.StartsWith("System.", StringComparison.Ordinal) == true).Select(l => l.Name).ShouldBeEmpty();
    }

    [Fact]
    public void A_session_has_the_documented_defaults()
    {
        var request = new AgbSessionRequest();
        (request.ImageId, request.Network, request.NoWait, request.IdleTimeout, request.MaxLifetime).ShouldBe(
            ("agb-code-space-1", null, false, null, null));
        request.ContextSyncs.ShouldBeEmpty();
        request.Labels.ShouldBeEmpty();
    }

    [Fact]
    public void The_origin_of_a_mount_is_the_mapping_path_else_its_own()
    {
        var plain = new AgbContextSync { ContextId = "c", Path = "/home/data" };
        var mapped = plain with { Policy = new AgbSyncPolicy { Mapping = new AgbMappingPolicy { Path = "/tmp/x" } } };
        (plain.OriginPath, mapped.OriginPath).ShouldBe(("/home/data", "/tmp/x"));
        plain.ToString().ShouldBe("c at /home/data");
        mapped.ToString().ShouldBe("c at /home/data (from /tmp/x)");
    }

    [Fact]
    public void Objects_are_printed_by_their_names()
    {
        new AgbContext { Id = "SdkCtx-1", Name = "my context" }.ToString().ShouldBe("my context");
        var session = new AgbSession { SessionId = "s-1", ImageId = "i" };
        (session.ToString(), session.Id).ShouldBe(("s-1", "s-1"));
        new AgbWhiteList { Path = "src", ExcludePaths = ["a", "b"] }.ToString().ShouldBe("src (without a, b)");
        new AgbMappingPolicy { Path = "/x" }.ToString().ShouldBe("/x");
    }

    [Fact]
    public void Contexts_with_equal_properties_are_equal()
    {
        var context = new AgbContext { Id = "SdkCtx-1", Name = "n" };
        (context with { }).ShouldBe(context);
        (context with { Name = "m" }).ShouldNotBe(context);
    }

    private static AgbCommandResult Result() => new() { SessionId = "s", Command = "c" };
}
