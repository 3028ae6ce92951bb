using System.Diagnostics;

namespace Agb.Server;

/// <summary>The two-session workflow of the cross-platform persistence guide, for any service, with the time of each step.</summary>
internal sealed class GuideWorkflow(IAgbService service, TextWriter output)
{
    internal const string OriginPath = "/tmp/mapping";
    internal const string TargetPath = "/home/data";
    internal const string Content = "This file was created in the first session";

    /// <summary>Runs the workflow and removes its session and context.</summary>
    /// <returns>Whether the second session read the text of the first.</returns>
    internal async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var sessions = new List<string>();
        AgbContext? context = null;
        try
        {
            context = await StepAsync(
                "context cross-platform-context", () => service.CreateContextAsync("cross-platform-context", true, cancellationToken)).ConfigureAwait(false);
            var first = await StepAsync(
                $"session agb-browser-use-1, context at {OriginPath}",
                () => CreateAsync("agb-browser-use-1", context.Id, OriginPath, new AgbSyncPolicy(), cancellationToken)).ConfigureAwait(false);
            sessions.Add(first.SessionId);
            await StepAsync(
                $"write {OriginPath}/test-file.txt",
                () => CommandAsync(first, $"echo \"{Content}\" > {OriginPath}/test-file.txt", cancellationToken)).ConfigureAwait(false);
            await StepAsync("sync", () => SyncAsync(first, cancellationToken)).ConfigureAwait(false);
            await StepAsync("release", () => RemoveAsync(first, sessions, cancellationToken)).ConfigureAwait(false);

            var policy = new AgbSyncPolicy { Mapping = new AgbMappingPolicy { Path = OriginPath } };
            var second = await StepAsync(
                $"session agb-code-space-1, {OriginPath} mapped to {TargetPath}",
                () => CreateAsync("agb-code-space-1", context.Id, TargetPath, policy, cancellationToken)).ConfigureAwait(false);
            sessions.Add(second.SessionId);
            var read = await StepAsync(
                $"read {TargetPath}/test-file.txt",
                () => CommandAsync(second, $"cat {TargetPath}/test-file.txt", cancellationToken)).ConfigureAwait(false);
            await output.WriteLineAsync($"            {read.Stdout.TrimEnd()}").ConfigureAwait(false);
            return read.Success && read.Stdout == Content + "\n";
        }
        finally
        {
            // Clean up, also after Ctrl+C.
            foreach (var session in sessions.ToArray())
            {
                await service.RemoveSessionAsync(new SessionId(session), AgbReleaseMode.Discard).ConfigureAwait(false);
            }
            if (context is not null)
            {
                await service.RemoveContextAsync(context).ConfigureAwait(false);
            }
        }
    }

    private Task<AgbSession> CreateAsync(
        string imageId, string contextId, string path, AgbSyncPolicy policy, CancellationToken cancellationToken) =>
        service.CreateSessionAsync(
            new AgbSessionRequest
            {
                ImageId = imageId,
                ContextSyncs = [new AgbContextSync { ContextId = contextId, Path = path, Policy = policy }],
            },
            cancellationToken);

    private async Task<AgbCommandResult> CommandAsync(AgbSession session, string command, CancellationToken cancellationToken)
    {
        var result = await service.RunCommandAsync(
            session, new AgbCommandRequest { Command = command }, cancellationToken).ConfigureAwait(false);
        return result.Success
            ? result
            : throw new AgbException(
                AgbErrorIds.UnexpectedError, AgbErrorKind.Failed, $"'{command}' ended with {result.ExitCode}: {result.Output.TrimEnd()}");
    }

    private async Task<bool> SyncAsync(AgbSession session, CancellationToken cancellationToken)
    {
        await service.StartSyncAsync(session, new AgbSyncRequest(), cancellationToken).ConfigureAwait(false);
        var tasks = await service.WaitSyncAsync(session, TimeSpan.FromMinutes(5), cancellationToken: cancellationToken).ConfigureAwait(false);
        return tasks.FirstOrDefault(t => t.Status == AgbSyncTaskStatus.Failed) is { } failed
            ? throw new AgbException(AgbErrorIds.SyncFailed, AgbErrorKind.Failed, failed.ErrorMessage ?? "The sync failed.")
            : true;
    }

    private async Task<bool> RemoveAsync(AgbSession session, List<string> sessions, CancellationToken cancellationToken)
    {
        await service.RemoveSessionAsync(session, cancellationToken: cancellationToken).ConfigureAwait(false);
        return sessions.Remove(session.SessionId);
    }

    private async Task<T> StepAsync<T>(string what, Func<Task<T>> work)
    {
        var began = Stopwatch.GetTimestamp();
        var result = await work().ConfigureAwait(false);
        await output.WriteLineAsync($"  {Stopwatch.GetElapsedTime(began).TotalMilliseconds,6:0} ms {what}").ConfigureAwait(false);
        return result;
    }
}
