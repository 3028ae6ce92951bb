using Agb.Engine;

namespace Agb.Server;

/// <summary>Checks the host, then runs the guide's workflow: data from one kind of session is read in
/// another kind, under another path.</summary>
internal sealed class DoctorCommand(TextWriter output)
{
    /// <summary>Runs the checks and the workflow.</summary>
    /// <param name="install">Whether missing programs are installed where that is permitted.</param>
    /// <param name="images">Images whose browser and desktop are wanted too.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>0 only if the data arrived.</returns>
    internal async Task<int> RunAsync(bool install, IReadOnlyList<string> images, CancellationToken cancellationToken)
    {
        // A separate store: a check must not touch the user's contexts.
        var home = Directory.CreateTempSubdirectory("agb-doctor-").FullName;
        try
        {
            if (!await CheckHostAsync(home, install, images, cancellationToken).ConfigureAwait(false))
            {
                return 1;
            }
            return await RunWorkflowAsync(home, cancellationToken).ConfigureAwait(false) ? 0 : 1;
        }
        catch (AgbException e)
        {
            await output.WriteLineAsync($"\nFAILED ({e.ErrorId}): {e.Message}").ConfigureAwait(false);
            if (e.Remedy is not null)
            {
                await output.WriteLineAsync($"  {e.Remedy}").ConfigureAwait(false);
            }
            return 1;
        }
        catch (OperationCanceledException)
        {
            await output.WriteLineAsync("\nInterrupted.").ConfigureAwait(false);
            return 1;
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    private async Task<bool> CheckHostAsync(string home, bool install, IReadOnlyList<string> images, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync("This host").ConfigureAwait(false);
        var checks = await AgbHost.CheckAsync(home, cancellationToken).ConfigureAwait(false);
        if (install && (images.Count > 0 || checks.Any(c => c.Status == AgbHostCheckStatus.Missing)))
        {
            var setup = await AgbHost.InstallAsync(output.WriteLine, cancellationToken, images).ConfigureAwait(false);
            await output.WriteLineAsync(setup.Message).ConfigureAwait(false);
            checks = await AgbHost.CheckAsync(home, cancellationToken).ConfigureAwait(false);
        }
        foreach (var check in checks)
        {
            var mark = check.Status switch
            {
                AgbHostCheckStatus.Ok => "ok",
                AgbHostCheckStatus.Degraded => "degraded",
                _ => "MISSING",
            };
            await output.WriteLineAsync($"  {mark,-9} {check.Name}: {check.Detail}").ConfigureAwait(false);
            if (check.Remedy is not null)
            {
                await output.WriteLineAsync($"            {check.Remedy}").ConfigureAwait(false);
            }
        }
        if (checks.Any(c => c.Status == AgbHostCheckStatus.Missing))
        {
            await output.WriteLineAsync("\nFAILED: this host can't run sessions yet. Follow the advice in the lines marked MISSING.").ConfigureAwait(false);
            return false;
        }
        return true;
    }

    private async Task<bool> RunWorkflowAsync(string home, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync("\nData from one kind of session to another").ConfigureAwait(false);
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home });
        var workflow = new GuideWorkflow(service, output);
        var arrived = await workflow.RunAsync(cancellationToken).ConfigureAwait(false);
        await output.WriteLineAsync(arrived
            ? "\nOK: the data arrived."
            : $"\nFAILED: expected '{GuideWorkflow.Content}' under {GuideWorkflow.TargetPath}.").ConfigureAwait(false);
        return arrived;
    }
}
