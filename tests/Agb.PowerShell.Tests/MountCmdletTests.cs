namespace Agb.PowerShell.Tests;

/// <summary>Cmdlets of mounts into running sessions, on a service in memory.</summary>
public sealed class MountCmdletTests : CmdletTest
{
    public MountCmdletTests(ModuleRunspace module)
        : base(module)
    {
        Set("s", One<AgbSession>("New-AgbSession -Connection $connection"));
        Set("web", One<AgbContext>("New-AgbContext web -Connection $connection"));
        Service.Calls.Clear();
    }

    private string Web => Texts("$web.Id")[0];

    private string Id => Texts("$s.SessionId")[0];

    [Theory]
    [InlineData("$s | Mount-AgbContext web -Path /data")]
    [InlineData("$s | Mount-AgbContext $web -Path /data")]
    [InlineData("Mount-AgbContext web $s -Path /data")]
    [InlineData("Mount-AgbContext $s web -Path /data")]
    [InlineData("Mount-AgbContext $s $web -Path /data")]
    [InlineData("Mount-AgbContext $s.SessionId web -Path /data -Connection $connection")]
    [InlineData("Mount-AgbContext web $s.SessionId -Path /data -Connection $connection")]
    public void Session_and_context_come_in_each_order(string script)
    {
        One<AgbMount>(script).Path.ShouldBe("/data");

        Calls.ShouldContain($"MountContext {Id} {Web} /data  False");
    }

    [Fact]
    public void Options_reach_the_service()
    {
        var mount = One<AgbMount>("$s | Mount-AgbContext web -Path /data -Version 12 -ReadOnly -SubPath datasets/train -MappingPath /srv");

        Calls.ShouldContain($"MountContext {Id} {Web} /data 12 True datasets/train");
        mount.Policy.Mapping!.Path.ShouldBe("/srv");
        (mount.Version, mount.OriginPath).ShouldBe((12, "/srv/datasets/train"));
    }

    [Fact]
    public void Without_a_path_the_context_gets_its_own()
    {
        One<AgbMount>("$s | Mount-AgbContext web").Path.ShouldBe("/home/web");
    }

    [Fact]
    public void A_mount_goes_on_in_the_pipeline()
    {
        Run("$s | Mount-AgbContext web -Path /data | Switch-AgbContext -Version 3 | Dismount-AgbContext -Force");

        Calls.Where(c => !c.StartsWith("FindContext", StringComparison.Ordinal)).TakeLast(2).ShouldBe([$"SwitchContext {Id} /data {Web} Policy False 3", $"DismountContext {Id} /data {Web} Policy True"]);
        Run("$s | Get-AgbMount").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", "Policy False")]
    [InlineData("-SyncContext", "Upload False")]
    [InlineData("-Discard", "Discard False")]
    public void The_treatment_of_changes_reaches_the_service(string options, string call)
    {
        Run($"$s | Mount-AgbContext web -Path /data; $s | Switch-AgbContext -Version latest {options}; Dismount-AgbContext $s -Path /data/ {options}");

        Calls.TakeLast(2).ShouldBe([$"SwitchContext {Id}   {call}", $"DismountContext {Id} /data  {call}"]);
    }

    [Fact]
    public void A_context_stands_for_the_sessions_that_mount_it()
    {
        Run("$s | Mount-AgbContext web -Path /data; $web | Switch-AgbContext");

        Calls.Last().ShouldBe($"SwitchContext {Id}  {Web} Policy False");
    }

    [Fact]
    public void WhatIf_lists_the_changes_and_makes_none()
    {
        Service.Plan = [new AgbSyncPlanItem { SessionId = "", ContextId = "SdkCtx-0001", Action = AgbSyncAction.Add, Path = "/data/x", Reason = "new" }];
        Run("$s | Mount-AgbContext web -Path /data");
        Service.Calls.Clear();

        One<AgbSyncPlanItem>("$s | Dismount-AgbContext -Path /data -WhatIf").Path.ShouldBe("/data/x");
        Run("$s | Switch-AgbContext -WhatIf; $s | Mount-AgbContext web -Path /other -WhatIf");

        Calls.ShouldNotContain(c => c.Contains("Context ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("$s | Mount-AgbContext web -Path relative", AgbErrorIds.InvalidPath)]
    [InlineData("$s | Mount-AgbContext web -Path /usr", AgbErrorIds.ReservedPath)]
    [InlineData("$s | Mount-AgbContext web -Path /data -Version 0", AgbErrorIds.InvalidSessionOption)]
    [InlineData("$s | Mount-AgbContext web -Path /data -SubPath ../out", AgbErrorIds.InvalidPath)]
    [InlineData("$s | Mount-AgbContext missing -Path /data", AgbErrorIds.ContextNotFound)]
    [InlineData("$s | Switch-AgbContext -Version newest", AgbErrorIds.InvalidSessionOption)]
    [InlineData("$s | Dismount-AgbContext -SyncContext -Discard", AgbErrorIds.InvalidSessionOption)]
    [InlineData("$s | Dismount-AgbContext -Path /nothing", AgbErrorIds.SyncTargetNotFound)]
    public void A_wrong_value_is_an_error(string script, string id)
    {
        ErrorIdOf(script).ShouldBe(id);
        Calls.ShouldNotContain(c => c.StartsWith("MountContext", StringComparison.Ordinal) || c.StartsWith("SwitchContext", StringComparison.Ordinal));
    }

    [Fact]
    public void A_service_without_mounts_is_said()
    {
        Set("plain", new AgbConnection(TestService.CountingService.Around(Service)));

        ErrorIdOf("Get-AgbMount $s.SessionId -Connection $plain").ShouldBe(AgbErrorIds.NotSupported);
    }
}
