namespace Agb.PowerShell.Tests;

/// <summary>Labels of sessions, code in them, and plans of their syncs.</summary>
public sealed class SessionWorkTests : CmdletTest
{
    private readonly AgbSession _session;

    public SessionWorkTests(ModuleRunspace module)
        : base(module)
    {
        _session = One<AgbSession>("New-AgbContext store -Connection $connection | New-AgbSession -Path /home/data -Label @{ old = 1 }");
        Set("session", _session);
    }

    [Fact]
    public void Labels_are_replaced_and_a_session_is_kept_alive()
    {
        Run("$session | Set-AgbSession -Label @{ purpose = 'tests' }").ShouldBeEmpty();

        Texts("($session | Get-AgbSession).Labels.Keys").ShouldBe(["purpose"]);
        One<AgbSession>("$session | Set-AgbSession -Label @{} -KeepAlive -PassThru").Labels.ShouldBeEmpty();
        Calls.ShouldContain($"KeepSessionAlive {_session.SessionId}");
    }

    [Fact]
    public void A_session_is_suspended_and_resumed()
    {
        Run("$session | Suspend-AgbSession").ShouldBeEmpty();
        One<AgbSession>("Get-AgbSession -Status Suspended -Connection $connection").SessionId.ShouldBe(_session.SessionId);
        One<AgbSession>("$session | Wait-AgbSession").Status.ShouldBe(AgbSessionStatus.Suspended);
        One<AgbSession>("$session.SessionId | Suspend-AgbSession -PassThru -Connection $connection").Status.ShouldBe(AgbSessionStatus.Suspended);
        Run("Suspend-AgbSession $session -WhatIf; $session | Resume-AgbSession -WhatIf").ShouldBeEmpty();
        Run("$session | Resume-AgbSession").ShouldBeEmpty();
        One<AgbSession>("Resume-AgbSession $session -PassThru").Status.ShouldBe(AgbSessionStatus.Running);
        Calls.Count(c => c == $"Suspended {_session.SessionId}").ShouldBe(2);
        Calls.Count(c => c == $"Running {_session.SessionId}").ShouldBe(2);
    }

    [Fact]
    public void The_idle_action_is_given_with_the_idle_time()
    {
        ErrorIdOf("New-AgbSession -IdleAction Suspend -Connection $connection").ShouldBe(AgbErrorIds.InvalidSessionOption);
        One<AgbSession>("New-AgbSession -IdleTimeoutSeconds 60 -IdleAction Suspend -Connection $connection").IdleAction.ShouldBe(AgbIdleAction.Suspend);
    }

    [Theory]
    [InlineData("$session | Set-AgbSession", AgbErrorIds.InvalidSessionOption)]
    [InlineData("$session | Set-AgbSession -Label @{ '' = 1 }", AgbErrorIds.InvalidLabel)]
    public void A_change_of_nothing_or_to_no_label_is_refused(string script, string id) => ErrorIdOf(script).ShouldBe(id);

    [Fact]
    public void Forks_go_down_the_pipeline_and_name_their_session()
    {
        Texts("($session | Copy-AgbSession -Count 3).ForkedFrom").ShouldBe(Enumerable.Repeat(_session.SessionId, 3));
        Texts("($session.SessionId | Copy-AgbSession -Connection $connection | Invoke-AgbCommand 'true').SessionId").ShouldBe([$"{_session.SessionId}-fork1"]);
        Calls.ShouldContain($"ForkSession {_session.SessionId} 3");
    }

    [Theory]
    [InlineData("$session | Copy-AgbSession -Count 0", AgbErrorIds.InvalidSessionOption)]
    [InlineData("$session | Copy-AgbSession -Count 65", AgbErrorIds.InvalidSessionOption)]
    [InlineData("Copy-AgbSession s-nope -Connection $connection", AgbErrorIds.SessionNotFound)]
    public void A_wrong_count_or_session_of_forks_is_refused(string script, string id) => ErrorIdOf(script).ShouldBe(id);

    [Fact]
    public void A_session_does_not_change_with_WhatIf()
    {
        Service.Calls.Clear();

        Run("$session | Set-AgbSession -KeepAlive -WhatIf").ShouldBeEmpty();

        Calls.ShouldNotContain(c => c.StartsWith("Set") || c.StartsWith("Keep"));
    }

    [Theory]
    [InlineData("$session | Invoke-AgbCode 'print(1)'", "print(1)")]
    [InlineData("'a = 1', 'print(a)' | Invoke-AgbCode -Session $session", "a = 1\nprint(a)")]
    [InlineData("Set-Content x.py 'print(2)' -NoNewline; Invoke-AgbCode -Path x.py -Session $session", "print(2)")]
    public void Code_is_given(string script, string code)
    {
        var result = One<AgbCodeResult>(script);

        (result.Stdout, result.Success).ShouldBe((code + "\n", true));
        result.Results[0].Text.ShouldBe("42");
    }

    [Theory]
    [InlineData("py", "py", AgbCodeLanguage.Python)]
    [InlineData("JS", "JS", AgbCodeLanguage.Javascript)]
    [InlineData("node", "mjs", AgbCodeLanguage.Javascript)]
    [InlineData("java", "java", AgbCodeLanguage.Java)]
    [InlineData("r", "r", AgbCodeLanguage.R)]
    public void A_language_is_known_by_name_and_extension(string name, string extension, AgbCodeLanguage language)
    {
        One<AgbCodeResult>($"$session | Invoke-AgbCode x -Language {name}").Language.ShouldBe(language);
        One<AgbCodeResult>($"Set-Content x.{extension} x; Invoke-AgbCode -Path x.{extension} -Session $session").Language.ShouldBe(language);
    }

    [Theory]
    [InlineData("$session | Invoke-AgbCode x -Language cobol", AgbErrorIds.InvalidCode)]
    [InlineData("$session | Invoke-AgbCode ' '", AgbErrorIds.InvalidCode)]
    [InlineData("$session | Invoke-AgbCode ('x' * 5MB)", AgbErrorIds.InvalidCode)]
    [InlineData("$session | Invoke-AgbCode x -TimeoutSeconds 0", AgbErrorIds.InvalidSessionOption)]
    [InlineData("$session | Invoke-AgbCode -Path none.py", AgbErrorIds.FileNotFound)]
    public void Code_is_refused(string script, string id)
    {
        ErrorIdOf(script).ShouldBe(id);
        Calls.ShouldNotContain(c => c.StartsWith("RunCode"));
    }

    [Fact]
    public void An_error_of_the_code_is_data()
    {
        var result = One<AgbCodeResult>("$session | Invoke-AgbCode fail -ErrorAction Stop");

        (result.Success, result.Error).ShouldBe((false, "NameError: fail"));
    }

    [Fact]
    public void Output_of_code_comes_before_its_result()
    {
        var output = Run("$session | Invoke-AgbCode 'print(1)' -Stream");
        var all = output.Select(o => o.BaseObject).ToArray();

        var first = all[0].ShouldBeOfType<AgbCodeEvent>();
        (first.Stream, first.Text, output[0].Properties["SessionId"].Value).ShouldBe((AgbOutputStream.Stdout, "print(1)\n", (object)_session.SessionId));
        all[1].ShouldBeOfType<AgbCodeEvent>().Result!.Text.ShouldBe("42");
        all[2].ShouldBeOfType<AgbCodeResult>();
    }

    [Fact]
    public async Task Code_runs_in_many_sessions_and_is_stopped()
    {
        Set("sessions", Run("1..3 | ForEach-Object { New-AgbSession -Connection $connection }"));
        Texts("($sessions | Invoke-AgbCode x).SessionId | Sort-Object").ShouldBe(Texts("$sessions.SessionId"));
        using var run = new Pipeline("$session | Invoke-AgbCode hang", ("session", _session));
        for (var i = 0; i < 4; i++)
        {
            (await Service.Started.WaitAsync(20000, TestContext.Current.CancellationToken)).ShouldBeTrue();
        }

        await run.StopAsync();

        Service.Cancelled.ShouldBe(1);
    }

    [Fact]
    public void Languages_are_completed() => Complete("Invoke-AgbCode x -Language j").ShouldBe(["Javascript", "js", "Java"]);

    [Fact]
    public void The_plan_of_a_sync_comes_with_WhatIf_alone()
    {
        Service.Plan = [new AgbSyncPlanItem { SessionId = "", ContextId = "SdkCtx-0001", Action = AgbSyncAction.Add, Path = "/home/data/a", Size = 3, Reason = "new" }];

        One<AgbSyncPlanItem>("$session | Sync-AgbContext -WhatIf").ToString().ShouldBe("Add /home/data/a: new");
        Calls.ShouldNotContain(c => c.StartsWith("StartSync"));

        Service.Calls.Clear();
        One<AgbSyncStatus>("$session | Sync-AgbContext").Status.ShouldBe(AgbSyncTaskStatus.Success);
        Calls.ShouldNotContain(c => c.StartsWith("PlanSync"));
    }

    [Fact]
    public void Limits_of_a_sync_are_passed_on()
    {
        Run("$session | Sync-AgbContext -MaxDeletePercent 12.5; $session | Sync-AgbContext -Mode Download -Force");

        Calls.ShouldContain($"StartSync {_session.SessionId} Upload   12.5 False");
        Calls.ShouldContain($"StartSync {_session.SessionId} Download    True");
        ErrorIdOf("$session | Sync-AgbContext -MaxDeletePercent 101").ShouldBe(AgbErrorIds.InvalidSessionOption);
    }
}
