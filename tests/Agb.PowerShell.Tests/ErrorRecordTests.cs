using System.Management.Automation;

namespace Agb.PowerShell.Tests;

/// <summary>Error records of failures.</summary>
public sealed class ErrorRecordTests : CmdletTest
{
    private const string Quietly = " -ErrorVariable global:errors -ErrorAction SilentlyContinue";
    private const string Mounted = "New-AgbContext store -Connection $connection | New-AgbSession -Path /home/data";

    public ErrorRecordTests(ModuleRunspace module)
        : base(module) => Set("session", One<AgbSession>("New-AgbSession -Connection $connection"));

    [Fact]
    public void A_failure_has_id_category_target_and_recommended_action()
    {
        var record = ErrorOf("Get-AgbContext nothing -Connection $connection");

        record.FullyQualifiedErrorId.ShouldBe("ContextNotFound,Agb.PowerShell.Commands.GetAgbContextCommand");
        record.CategoryInfo.Category.ShouldBe(ErrorCategory.ObjectNotFound);
        record.TargetObject.ShouldBe("nothing");
        record.ErrorDetails.RecommendedAction.ShouldContain("Get-AgbContext");
        record.ToString().ShouldContain("'nothing'");
    }

    [Fact]
    public void An_unforeseen_failure_names_its_inner_cause()
    {
        var record = ErrorOf("$session | Invoke-AgbCommand throw");

        IdOf(record).ShouldBe(AgbErrorIds.UnexpectedError);
        record.ToString().ShouldMatch("outer.*the inner cause");
    }

    [Fact]
    public void A_non_zero_exit_is_data()
    {
        var result = One<AgbCommandResult>("$session | Invoke-AgbCommand 'exit 3' -ErrorVariable global:errors");

        (result.ExitCode, result.Success).ShouldBe((3, false));
        Run("$errors").ShouldBeEmpty();
    }

    [Fact]
    public void A_non_zero_exit_is_an_error_too_on_request()
    {
        One<AgbCommandResult>("$session | Invoke-AgbCommand 'exit 3' -ErrorOnNonZeroExit" + Quietly).ExitCode.ShouldBe(3);

        ShouldHaveError(AgbErrorIds.CommandFailed, "exit code 3");
    }

    [Fact]
    public void A_failed_sync_is_an_error_beside_its_status()
    {
        Service.SyncOutcome = AgbSyncTaskStatus.Failed;

        One<AgbSyncStatus>(Mounted + " | Sync-AgbContext" + Quietly).Status.ShouldBe(AgbSyncTaskStatus.Failed);

        ShouldHaveError(AgbErrorIds.SyncFailed, "the disk is on strike");
    }

    [Theory]
    [InlineData("Wait-AgbSync -TimeoutSeconds 1")]
    [InlineData("Sync-AgbContext -TimeoutSeconds 1")]
    public void A_wait_that_ended_too_early_is_an_error(string cmdlet)
    {
        Service.SyncOutcome = AgbSyncTaskStatus.Running;

        ErrorIdOf($"{Mounted} | {cmdlet}").ShouldBe(AgbErrorIds.WaitTimeout);
    }

    [Fact]
    public void A_session_that_did_not_start_is_an_error_beside_it()
    {
        Service.NewSessionStatus = AgbSessionStatus.Failed;

        One<AgbSession>("New-AgbSession -NoWait -Connection $connection | Wait-AgbSession" + Quietly).Status.ShouldBe(AgbSessionStatus.Failed);

        ShouldHaveError(AgbErrorIds.SessionStartFailed, "");
    }

    [Fact]
    public void A_value_that_no_later_record_mends_ends_the_command() =>
        IdOf(One<ErrorRecord>("try { $session, $session | Invoke-AgbCommand '' -ErrorAction SilentlyContinue; 'reached' } catch { $_ }"))
            .ShouldBe(AgbErrorIds.InvalidCommand);

    private void ShouldHaveError(string id, string text)
    {
        var record = (ErrorRecord)Run("$errors")[0].BaseObject;
        IdOf(record).ShouldBe(id);
        record.ToString().ShouldContain(text);
    }
}
