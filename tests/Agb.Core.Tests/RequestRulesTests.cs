namespace Agb.Core.Tests;

public sealed class RequestRulesTests
{
    [Theory]
    [InlineData("name", "name")]
    [InlineData("  two words \t", "two words")]
    [InlineData("ä数据😀 /:*", "ä数据😀 /:*")]
    public void A_context_name_is_trimmed(string given, string expected) => RequestRules.ContextName(given).ShouldBe(expected);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    [InlineData("a\u0007b")]
    [InlineData(".")]
    [InlineData(" .. ")]
    public void A_bad_context_name_is_refused(string? name) => Refused(AgbErrorIds.InvalidContextName, () => RequestRules.ContextName(name));

    [Fact]
    public void A_context_name_may_have_255_characters_beside_the_spaces_and_no_more()
    {
        RequestRules.ContextName($" {new string('x', 255)} ").Length.ShouldBe(255);
        Refused(AgbErrorIds.InvalidContextName, () => RequestRules.ContextName(new string('x', 256))).Message.ShouldContain("256");
    }

    [Fact]
    public void Labels_up_to_the_limits_are_good() =>
        Should.NotThrow(() => RequestRules.Labels(Enumerable.Range(0, 64).ToDictionary(i => $"{i}".PadRight(255, 'k'), _ => new string('v', 255))));

    [Theory]
    [InlineData("", "v", "empty key")]
    [InlineData(" ", "v", "empty key")]
    [InlineData("k\t", "v", "control character")]
    [InlineData("k", "v\0", "control character")]
    public void A_bad_label_is_refused(string key, string value, string because) =>
        Refused(AgbErrorIds.InvalidLabel, () => RequestRules.Labels(new Dictionary<string, string> { [key] = value })).Message.ShouldContain(because);

    [Fact]
    public void Labels_over_the_limits_are_refused()
    {
        Refused(AgbErrorIds.InvalidLabel, () => RequestRules.Labels(Enumerable.Range(0, 65).ToDictionary(i => $"{i}", _ => "")));
        Refused(AgbErrorIds.InvalidLabel, () => RequestRules.Labels(new Dictionary<string, string> { [new('k', 256)] = "" }));
        Refused(AgbErrorIds.InvalidLabel, () => RequestRules.Labels(new Dictionary<string, string> { ["k"] = new('v', 256) }));
    }

    [Fact]
    public void A_session_request_gets_normal_paths_and_keeps_the_rest()
    {
        var request = new AgbSessionRequest
        {
            ImageId = "image",
            ContextSyncs =
            [
                new AgbContextSync
                {
                    ContextId = "c", Path = "/home//data/",
                    Policy = new AgbSyncPolicy { Mapping = new AgbMappingPolicy { Path = "/tmp/./x/" }, Delete = new AgbDeletePolicy { SyncLocalFile = false } },
                },
            ],
            IdleTimeout = TimeSpan.FromSeconds(1),
            MaxLifetime = TimeSpan.FromDays(365),
            NoWait = true,
        };
        var valid = RequestRules.Session(request);
        var sync = valid.ContextSyncs.ShouldHaveSingleItem();
        (sync.Path, sync.OriginPath, sync.Policy.Delete.SyncLocalFile).ShouldBe(("/home/data", "/tmp/x", false));
        (valid with { ContextSyncs = request.ContextSyncs }).ShouldBe(request);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void A_session_needs_an_image(string image) =>
        Refused(AgbErrorIds.ImageNotFound, () => RequestRules.Session(new AgbSessionRequest { ImageId = image }));

    [Theory]
    [InlineData(0.999)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData((365 * 86400) + 1)]
    public void Timeouts_out_of_range_are_refused(double seconds)
    {
        var span = TimeSpan.FromSeconds(seconds);
        Refused(AgbErrorIds.InvalidSessionOption, () => RequestRules.Session(new AgbSessionRequest { IdleTimeout = span })).Message.ShouldContain("idle timeout");
        Refused(AgbErrorIds.InvalidSessionOption, () => RequestRules.Session(new AgbSessionRequest { MaxLifetime = span })).Message.ShouldContain("maximum lifetime");
    }

    [Fact]
    public void Mounts_up_to_the_limit_are_good_and_one_more_is_refused()
    {
        RequestRules.Session(new AgbSessionRequest { ContextSyncs = Mounts(64) }).ContextSyncs.Count.ShouldBe(64);
        Refused(AgbErrorIds.InvalidSessionOption, () => RequestRules.Session(new AgbSessionRequest { ContextSyncs = Mounts(65) })).Message.ShouldContain("65");
    }

    [Fact]
    public void Mounts_that_overlap_once_normal_are_refused() => Refused(
        AgbErrorIds.OverlappingPaths,
        () => RequestRules.Session(new AgbSessionRequest
        {
            ContextSyncs = [new AgbContextSync { ContextId = "a", Path = "/home/data" }, new AgbContextSync { ContextId = "b", Path = "/home/./data/" }],
        }));

    [Fact]
    public void A_mount_needs_a_context() =>
        Refused(AgbErrorIds.ContextNotFound, () => RequestRules.ContextSync(new AgbContextSync { ContextId = " ", Path = "/home/data" }));

    [Fact]
    public void A_command_gets_a_normal_working_directory()
    {
        RequestRules.Command(new AgbCommandRequest { Command = "x", WorkingDirectory = "/a//b/" }).WorkingDirectory.ShouldBe("/a/b");
        RequestRules.Command(new AgbCommandRequest { Command = "x" }).WorkingDirectory.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t")]
    [InlineData("a\0b")]
    public void A_bad_command_is_refused(string command) =>
        Refused(AgbErrorIds.InvalidCommand, () => RequestRules.Command(new AgbCommandRequest { Command = command }));

    [Fact]
    public void A_command_is_measured_in_bytes()
    {
        RequestRules.Command(new AgbCommandRequest { Command = new('x', AgbCommandRequest.MaxCommandBytes) }).Command.Length.ShouldBe(131_071);
        Refused(AgbErrorIds.InvalidCommand, () => RequestRules.Command(new AgbCommandRequest { Command = new('x', AgbCommandRequest.MaxCommandBytes + 1) }));
        Refused(AgbErrorIds.InvalidCommand, () => RequestRules.Command(new AgbCommandRequest { Command = new('ä', 65_536) }));
    }

    [Fact]
    public void A_commands_limits_have_a_range()
    {
        foreach (var seconds in (double[])[0, -1, (7 * 86400) + 1])
        {
            Refused(
                AgbErrorIds.InvalidSessionOption,
                () => RequestRules.Command(new AgbCommandRequest { Command = "x", Timeout = TimeSpan.FromSeconds(seconds) }));
        }
        Refused(AgbErrorIds.InvalidSessionOption, () => RequestRules.Command(new AgbCommandRequest { Command = "x", MaxOutputBytes = -1 }));
        Should.NotThrow(() => RequestRules.Command(new AgbCommandRequest { Command = "x", Timeout = TimeSpan.FromDays(7), MaxOutputBytes = 0 }));
    }

    [Theory]
    [InlineData("", "v")]
    [InlineData("A=B", "v")]
    [InlineData("=A", "v")]
    [InlineData("A\0", "v")]
    [InlineData("-u", "v")]
    [InlineData("A", "v\0")]
    public void A_bad_environment_variable_is_refused(string name, string value) => Refused(
        AgbErrorIds.InvalidEnvironment, () => RequestRules.EnvironmentVariables(new Dictionary<string, string> { ["OK"] = "", [name] = value }));

    [Theory]
    [InlineData("A", "")]
    [InlineData("a.b-c", "x=y\n-z")]
    [InlineData("ä", "\"'$`")]
    public void Any_other_environment_variable_is_good(string name, string value) =>
        Should.NotThrow(() => RequestRules.EnvironmentVariables(new Dictionary<string, string> { [name] = value }));

    [Fact]
    public void An_environment_that_is_too_large_is_refused_at_the_variable_that_is_too_much()
    {
        Refused(
            AgbErrorIds.InvalidEnvironment,
            () => RequestRules.EnvironmentVariables(new Dictionary<string, string> { ["ONE"] = new('x', AgbCommandRequest.MaxCommandBytes) })).Message.ShouldContain("ONE");
        Refused(
            AgbErrorIds.InvalidEnvironment,
            () => RequestRules.EnvironmentVariables(Enumerable.Range(0, 9).ToDictionary(i => $"V{i}", _ => new string('x', 130_000)))).Message.ShouldContain("V8");
    }

    private static AgbContextSync[] Mounts(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new AgbContextSync { ContextId = "c", Path = $"/srv/m{i}" })];

    private static AgbException Refused(string errorId, Action check)
    {
        var error = Should.Throw<AgbException>(check);
        (error.ErrorId, error.Kind).ShouldBe((errorId, AgbErrorKind.InvalidInput));
        return error;
    }

    [Theory]
    [InlineData(true, false, 199, null, "200")]
    [InlineData(true, false, null, 255L << 20, "256 MiB")]
    [InlineData(true, true, 1000, 511L << 20, "512 MiB")]
    [InlineData(false, true, 64, null, "200")]
    public void Limits_that_would_kill_a_browser_or_a_desktop_are_refused(bool browser, bool desktop, int? processes, long? bytes, string needed)
    {
        var image = new AgbImage { ImageId = "mine", HomeDirectory = "/home/me", HasBrowser = browser, HasDesktop = desktop };
        var limits = new AgbSessionLimits { Processes = processes, MemoryBytes = bytes };

        var error = Should.Throw<AgbException>(() => LimitRules.RequireRoom(limits, image));

        error.ErrorId.ShouldBe(AgbErrorIds.InvalidSessionOption);
        error.Message.ShouldContain(needed);
        LimitRules.RequireRoom(limits, image with { HasBrowser = false, HasDesktop = false });
        LimitRules.RequireRoom(new AgbSessionLimits { Processes = 200, MemoryBytes = 512L << 20 }, image);
    }
}
