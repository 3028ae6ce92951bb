namespace Agb.PowerShell.Tests;

/// <summary>Limits of sessions as parameters, warnings and views.</summary>
public sealed class LimitTests(ModuleRunspace module) : CmdletTest(module)
{
    [Fact]
    public void Limits_take_the_units_of_PowerShell()
    {
        var limits = One<AgbSession>(
            "New-AgbSession -MemoryLimit 512MB -ProcessLimit 100 -CpuLimit 1.5 -DiskLimit '2GB' -OpenFileLimit 256 -Connection $connection -WarningAction Ignore").Limits;

        (limits.MemoryBytes, limits.Processes, limits.Cpus, limits.DiskBytes, limits.OpenFiles).ShouldBe((536870912, 100, 1.5, 2147483648, 256));
    }

    [Fact]
    public void A_session_has_no_limits_by_default() =>
        One<AgbSession>("New-AgbSession -Connection $connection").Limits.ShouldBe(AgbSessionLimits.None);

    [Theory]
    [InlineData("-MemoryLimit 1KB")]
    [InlineData("-MemoryLimit -1")]
    [InlineData("-ProcessLimit 0")]
    [InlineData("-CpuLimit 0")]
    [InlineData("-CpuLimit ([double]::NaN)")]
    [InlineData("-DiskLimit 1")]
    [InlineData("-OpenFileLimit 100000000")]
    public void A_limit_out_of_range_is_refused_before_the_start(string limit)
    {
        var record = ErrorOf($"New-AgbSession {limit} -Connection $connection");

        IdOf(record).ShouldBe(AgbErrorIds.InvalidSessionOption);
        record.Exception.Message.ShouldContain("expected");
        Run("Get-AgbSession -Connection $connection").ShouldBeEmpty();
    }

    [Fact]
    public void A_limit_that_does_not_hold_is_warned_of()
    {
        using var shell = Create("New-AgbSession -MemoryLimit 1GB -CpuLimit 2 -Connection $connection");

        var session = shell.Invoke().ShouldHaveSingleItem();

        shell.Streams.Warning.ShouldHaveSingleItem().Message.ShouldMatch($"{session}.*has no CPU limit: No groups here");
    }

    [Fact]
    public void The_list_of_a_session_has_its_limits()
    {
        var text = One<string>("New-AgbSession -MemoryLimit 1GB -CpuLimit 2 -Connection $connection -WarningAction Ignore | Format-List | Out-String -Width 120");

        text.ShouldMatch(@"Limits +: memory 1\.0 GiB, 2 CPUs");
        text.ShouldMatch("LimitStates +: memory: CgroupV2, CPU: does not hold");
    }

    [Fact]
    public void A_result_that_reached_a_limit_is_marked()
    {
        Set("result", new AgbCommandResult { SessionId = "s-1", Command = "x", ExitCode = 137, LimitReached = AgbLimitKind.Memory });

        One<string>("[Agb.PowerShell.Units]::Glance($result)").ShouldBe("[memory limit]");
        One<string>("$result | Format-List | Out-String").ShouldMatch("LimitReached +: Memory");
    }
}
