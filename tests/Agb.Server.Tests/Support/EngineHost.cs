namespace Agb.Server.Tests.Support;

/// <summary>What tests with real sessions need.</summary>
internal static class EngineHost
{
    /// <summary>Skips the test where sessions can't run.</summary>
    internal static async Task RequireAsync()
    {
        var missing = (await AgbHost.CheckAsync(Path.GetTempPath(), TestContext.Current.CancellationToken)).FirstOrDefault(c => c.Status == AgbHostCheckStatus.Missing);
        Assert.SkipWhen(missing is not null, $"This host can't run sessions: {missing?.Detail} {missing?.Remedy}");
    }
}
