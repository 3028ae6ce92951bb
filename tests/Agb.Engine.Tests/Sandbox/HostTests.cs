namespace Agb.Engine.Tests.Sandbox;

public sealed class HostTests : SandboxTest
{
    [Fact]
    public async Task Checks_everything_with_a_remedy_for_what_is_wrong()
    {
        var rows = await AgbHost.CheckAsync(Home, Token);
        rows.Select(r => r.Name).ShouldBeUnique();
        foreach (var name in HostTools.Names.Concat(["Linux kernel", "user namespaces", "overlay file system", "extended attributes", "mounts into running sessions", "directory renames", "control groups", "memory limit", "process limit", "CPU limit", "disk limit", "open file limit", "own network", "browser", "desktop", "fonts", "free space"]))
        {
            rows.ShouldContain(r => r.Name == name, name);
        }
        foreach (var row in rows)
        {
            row.Detail.ShouldNotBeNullOrWhiteSpace();
            (row.Remedy is null).ShouldBe(row.Status == AgbHostCheckStatus.Ok, row.ToString());
        }
        Directory.EnumerateFileSystemEntries(Home).Select(Path.GetFileName).ShouldBe(["host-probe.json"], "probes clean up");
    }

    [Fact]
    public async Task Remembers_the_verdict_and_forgives_a_damaged_file()
    {
        var path = Path.Combine(Home, "host-probe.json");
        var first = await HostProbe.GetAsync(Home, fresh: true, Token);
        HostVerdict.TryRead(path, first.Key).ShouldBe(first);
        HostVerdict.TryRead(path, "another boot").ShouldBeNull();
        (await HostProbe.GetAsync(Home, fresh: false, Token)).ShouldBeSameAs(first);
        await File.WriteAllTextAsync(path, "{torn", Token);
        HostVerdict.TryRead(path, first.Key).ShouldBeNull();
        (await HostProbe.GetAsync(Home, fresh: true, Token)).ShouldBe(first);
        HostVerdict.TryRead(path, first.Key).ShouldBe(first);
    }

    [Theory]
    [InlineData(null, null, null, MountKind.Auto, AgbHostCheckStatus.Ok, "stay together")]
    [InlineData(null, null, "no handles", MountKind.Auto, AgbHostCheckStatus.Ok, "can be renamed in a session, and hard links of earlier versions are separated by a write to one of them: no handles")]
    [InlineData(null, "no right", "no right", MountKind.Auto, AgbHostCheckStatus.Degraded, "no right rename(2)")]
    [InlineData(null, "no right", "no right", MountKind.Overlay, AgbHostCheckStatus.Degraded, "EXDEV")]
    [InlineData(null, "no right", "no right", MountKind.Copy, AgbHostCheckStatus.Ok, "because AGB_MOUNT is 'copy'")]
    [InlineData(null, null, null, MountKind.Copy, AgbHostCheckStatus.Ok, "because AGB_MOUNT is 'copy'")]
    [InlineData("no overlay", "no overlay", "no overlay", MountKind.Auto, AgbHostCheckStatus.Ok, "Contexts are copied, so every")]
    public void Says_whether_directories_can_be_renamed(
        string? overlay, string? trusted, string? links, MountKind asked, AgbHostCheckStatus status, string says)
    {
        var verdict = new HostVerdict { Key = "", SandboxError = null, OverlayError = overlay, TrustedError = trusted, LinksError = links };
        var row = HostChecks.CheckRenames(verdict, asked);
        row.Status.ShouldBe(status);
        row.Detail.ShouldContain(says);
        (row.Remedy is null).ShouldBe(status == AgbHostCheckStatus.Ok);
    }

    [Theory]
    [InlineData(null, MountKind.Auto)]
    [InlineData("", MountKind.Auto)]
    [InlineData("auto", MountKind.Auto)]
    [InlineData("overlay", MountKind.Overlay)]
    [InlineData("copy", MountKind.Copy)]
    public void Reads_how_contexts_are_to_be_mounted(string? text, MountKind kind) => MountSetting.Parse(text).ShouldBe(kind);

    [Fact]
    public void Refuses_another_word_for_it()
    {
        var error = Should.Throw<AgbException>(() => MountSetting.Parse("Copies"));
        (error.ErrorId, error.Target).ShouldBe((AgbErrorIds.InvalidSetting, "AGB_MOUNT"));
        error.Message.ShouldContain("expected auto, overlay or copy");
    }

    [Fact]
    public async Task A_ready_host_is_ready() => await AgbHost.RequireReadyAsync(Home, Token);

    [Fact]
    public async Task A_complete_host_needs_no_installation()
    {
        var result = await AgbHost.InstallAsync(line => Assert.Fail(line), Token);
        result.Ready.ShouldBeTrue();
        result.Command.ShouldBeNull();
    }

    [Theory]
    [InlineData("0", null, null, false, "user.max_user_namespaces")]
    [InlineData("100", "0", null, false, "kernel.unprivileged_userns_clone=1")]
    [InlineData("100", null, "1", false, "apparmor_restrict_unprivileged_userns=0")]
    [InlineData("100", "1", "0", true, "--security-opt seccomp=unconfined")]
    [InlineData(null, null, null, false, "CONFIG_USER_NS")]
    public void Knows_what_lifts_a_ban_on_user_namespaces(string? limit, string? debian, string? appArmor, bool inContainer, string expected) =>
        UserNamespaceRules.Remedy(limit, debian, appArmor, inContainer).ShouldContain(expected);

    [Fact]
    public void Names_the_packages_of_missing_programs()
    {
        Assert.SkipUnless(HostTools.Find("apt-get") is not null, "Needs apt-get.");
        HostPackages.Remedy(["bwrap", "nsenter", "setpriv", "env"]).ShouldEndWith("bubblewrap coreutils mount util-linux");
        var error = HostErrors.Missing(["bwrap"]);
        error.ErrorId.ShouldBe(AgbErrorIds.HostNotReady);
        error.Message.ShouldContain("bwrap");
        error.Remedy.ShouldNotBeNull().ShouldContain("install");
    }
}
