using System.Diagnostics;
using System.Management.Automation;

namespace Agb.PowerShell.Tests;

/// <summary>Progress of syncs.</summary>
public sealed class ProgressTests : CmdletTest
{
    private readonly AgbSession _session;

    public ProgressTests(ModuleRunspace module)
        : base(module)
    {
        _session = One<AgbSession>("New-AgbContext store -Connection $connection | New-AgbSession -Path /home/data");
        Service.SyncGate = new SemaphoreSlim(0);
    }

    [Theory]
    [InlineData(AgbSyncTaskStatus.Success, "$session | Sync-AgbContext")]
    [InlineData(AgbSyncTaskStatus.Failed, "$session | Sync-AgbContext -ErrorAction Stop")]
    [InlineData(AgbSyncTaskStatus.Success, "$session | Wait-AgbSync")]
    public async Task Progress_is_one_record_a_few_times_a_second_and_completed(AgbSyncTaskStatus outcome, string script)
    {
        Service.SyncOutcome = outcome;
        var clock = Stopwatch.StartNew();
        using var run = new Pipeline(script, ("session", _session));
        await UntilAsync(() => run.Streams.Progress.Count >= 3);

        Service.SyncGate!.Release();

        if (outcome == AgbSyncTaskStatus.Failed)
        {
            await Should.ThrowAsync<RuntimeException>(run.EndAsync);
        }
        else
        {
            await run.EndAsync();
        }
        ProgressRecord[] records = [.. run.Streams.Progress];
        records[0].StatusDescription.ShouldContain("4 files, 4.0 KiB");
        records.Select(r => r.ActivityId).Distinct().ShouldHaveSingleItem();
        records.Length.ShouldBeLessThanOrEqualTo(2 + (int)(5 * clock.Elapsed.TotalSeconds));
        records.Count(r => r.RecordType == ProgressRecordType.Completed).ShouldBe(1);
        records[^1].RecordType.ShouldBe(ProgressRecordType.Completed);
    }

    [Fact]
    public async Task Progress_has_a_percentage_once_the_total_is_known()
    {
        using var run = new Pipeline("$session | Wait-AgbSync", ("session", _session));
        await UntilAsync(() => run.Streams.Progress.Count >= 1);
        Service.SyncTotal = 4;
        await UntilAsync(() => run.Streams.Progress[^1].PercentComplete >= 0);

        Service.SyncGate!.Release();
        await run.EndAsync();

        ProgressRecord[] records = [.. run.Streams.Progress.Where(r => r.RecordType == ProgressRecordType.Processing)];
        (records[0].PercentComplete, records[^1].PercentComplete).ShouldBe((-1, 25));
        records[^1].StatusDescription.ShouldBe("4 of 16 files, 4.0 KiB of 16.0 KiB");
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var clock = Stopwatch.StartNew(); !condition();)
        {
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
