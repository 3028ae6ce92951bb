using System.Net.Sockets;

namespace Agb.Engine;

/// <summary>Runs commands in sessions.</summary>
internal sealed class CommandOperations(EngineParts parts, SessionReader reader, SessionSweeper sweeper, Action<string> release, SessionActivity activity)
{
    private static readonly TimeSpan s_creationDeadline = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_firstPoll = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_longestPoll = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs a valid request.</summary>
    internal async Task<AgbCommandResult> RunAsync(string sessionId, AgbCommandRequest request, CancellationToken cancellationToken)
    {
        using var lines = request.Lines is { } writer ? new CommandLines(sessionId, parts.Service, writer, parts.Time) : null;
        var outcome = request.Output is { } target
            ? await RunAsync(sessionId, request, target, cancellationToken).ConfigureAwait(false)
            : await RunAsync(sessionId, request, lines, cancellationToken).ConfigureAwait(false);
        if (lines is not null)
        {
            await lines.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
        return new AgbCommandResult
        {
            Service = parts.Service,
            SessionId = sessionId,
            Command = request.Command,
            ExitCode = outcome.ExitCode,
            Signal = outcome.Signal,
            TimedOut = outcome.TimedOut,
            LimitReached = outcome.LimitReached,
            Duration = outcome.Duration,
            StdoutTruncated = outcome.StdoutTruncated,
            StderrTruncated = outcome.StderrTruncated,
        }.WithOutput(outcome.Stdout, outcome.Stderr);
    }

    /// <summary>Runs a valid request with its stdout sent to a stream.</summary>
    private async Task<CommandOutcome> RunAsync(
        string sessionId, AgbCommandRequest request, Stream target, CancellationToken cancellationToken)
    {
        using var outlet = new StreamOutput(target, cancellationToken);
        try
        {
            var outcome = await RunAsync(sessionId, request, outlet, outlet.Over).ConfigureAwait(false);
            await outlet.CompleteAsync(cancellationToken).ConfigureAwait(false);
            return outcome;
        }
        catch
        {
            // An error of the stream takes precedence over the resulting end of the command.
            await outlet.AbandonAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>Runs a valid request with its output sent to a consumer.</summary>
    internal async Task<CommandOutcome> RunAsync(
        string sessionId, AgbCommandRequest request, IProcessOutput? output, CancellationToken cancellationToken)
    {
        var (image, sandbox) = await RequireRunningAsync(sessionId, cancellationToken).ConfigureAwait(false);
        using var used = activity.UseAtOnce(sessionId);
        try
        {
            return await parts.Driver.RunAsync(sandbox, image, request, output, cancellationToken).ConfigureAwait(false);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.SessionNotRunning && WhyEnded(sessionId) is { } why)
        {
            throw why;
        }
    }

    /// <summary>Restarts the idle time of a session.</summary>
    internal async Task<AgbSession> KeepAliveAsync(string sessionId, CancellationToken cancellationToken)
    {
        await RequireRunningAsync(sessionId, cancellationToken).ConfigureAwait(false);
        activity.Use(sessionId).Dispose();
        return reader.ToSession(reader.Require(sessionId));
    }

    /// <summary>The address of a session's port on this machine.</summary>
    internal async Task<Uri> LinkAsync(string sessionId, int port, string? scheme, CancellationToken cancellationToken)
    {
        await RequireReachableAsync(sessionId, port, scheme, cancellationToken).ConfigureAwait(false);
        if (reader.Require(sessionId).Network != AgbNetwork.Host)
        {
            throw new AgbException(
                AgbErrorIds.NotSupported, AgbErrorKind.InvalidState,
                $"The session '{sessionId}' has a network of its own, so its ports have no address on this machine.",
                "Create the session with the host's network.", sessionId);
        }
        // Clients use the address directly, and wake nothing.
        activity.Use(sessionId).Dispose();
        return new UriBuilder(scheme ?? "http", "127.0.0.1", port).Uri;
    }

    /// <summary>Connects to a server in a session. The session is in use until the stream is disposed.</summary>
    internal async Task<Stream> ConnectAsync(string sessionId, int port, CancellationToken cancellationToken)
    {
        var sandbox = await RequireReachableAsync(sessionId, port, null, cancellationToken).ConfigureAwait(false);
        return await UsedStream.OpenAsync(activity.Connect(sessionId), () => OpenAsync(sessionId, sandbox, port, cancellationToken)).ConfigureAwait(false);
    }

    private async Task<Stream> OpenAsync(string sessionId, SandboxHandle sandbox, int port, CancellationToken cancellationToken)
    {
        if (reader.Require(sessionId).Network == AgbNetwork.Host)
        {
            return await SessionPorts.ConnectAsync(sessionId, sandbox, port, cancellationToken).ConfigureAwait(false);
        }
        try
        {
            return await parts.Driver.ConnectAsync(sandbox, port, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw SessionPorts.NothingListens(sessionId, port, e);
        }
    }

    /// <summary>Opens a terminal for a valid request. The session is in use until its shell ends.</summary>
    internal async Task<IAgbTerminal> OpenTerminalAsync(
        string sessionId, AgbTerminalRequest request, CancellationToken cancellationToken)
    {
        var (image, sandbox) = await RequireRunningAsync(sessionId, cancellationToken).ConfigureAwait(false);
        var used = activity.Use(sessionId);
        try
        {
            var terminal = await parts.Driver.OpenTerminalAsync(sandbox, image, request, cancellationToken).ConfigureAwait(false);
            _ = terminal.ExitCode.ContinueWith(_ => used.Dispose(), TaskScheduler.Default);
            return terminal;
        }
        catch
        {
            used.Dispose();
            throw;
        }
    }

    /// <summary>Waits until a session is no longer being created.</summary>
    internal async Task<AgbSession> WaitAsync(string sessionId, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var began = parts.Time.GetTimestamp();
        for (var poll = s_firstPoll; ; poll = poll * 2 < s_longestPoll ? poll * 2 : s_longestPoll)
        {
            var row = reader.Require(sessionId);
            if (row.Status != AgbSessionStatus.Creating)
            {
                return reader.ToSession(row);
            }
            if (parts.Time.GetElapsedTime(began) >= timeout)
            {
                throw new AgbException(
                    AgbErrorIds.WaitTimeout, AgbErrorKind.Timeout,
                    $"The session '{sessionId}' was not ready within {timeout.TotalSeconds:0.###} s.", "Wait longer, or remove it.", sessionId);
            }
            await Task.Delay(poll, parts.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The sandbox of a running session, for a connection to a valid port.</summary>
    internal async Task<SandboxHandle> RequireReachableAsync(string sessionId, int port, string? scheme, CancellationToken cancellationToken)
    {
        RequestRules.SessionLink(port, scheme);
        return (await RequireRunningAsync(sessionId, cancellationToken).ConfigureAwait(false)).Sandbox;
    }

    /// <summary>The error for a session that ended during a command; null if the reason is unknown.</summary>
    private AgbException? WhyEnded(string sessionId) => parts.Catalog.Read(tx => SessionTable.Find(tx, sessionId)) switch
    {
        null => AgbErrors.SessionNotFound(sessionId),
        { } row when row.Status == AgbSessionStatus.Released || row is { Status: AgbSessionStatus.Releasing, End: not null } => SessionErrors.Released(row),
        { } row when sweeper.EndOf(row) is { } end => SessionErrors.Expired(row, end),
        _ => null,
    };

    /// <summary>The image and the sandbox of a running session, or of a suspended one: it is woken by its use (<see cref="SessionActivity.Use"/>).</summary>
    internal async Task<(AgbImage Image, SandboxHandle Sandbox)> RequireRunningAsync(string sessionId, CancellationToken cancellationToken)
    {
        var row = reader.Require(sessionId);
        if (row.Status == AgbSessionStatus.Creating)
        {
            await WaitAsync(sessionId, s_creationDeadline, cancellationToken).ConfigureAwait(false);
            row = reader.Require(sessionId);
        }
        if (sweeper.IsDue(row))
        {
            release(sessionId);
            if (sweeper.EndOf(row) is { } end)
            {
                throw SessionErrors.Expired(row, end);
            }
        }
        if (row is { Status: AgbSessionStatus.Releasing, End: not null })
        {
            throw SessionErrors.Released(row);
        }
        if (row.Status is not (AgbSessionStatus.Running or AgbSessionStatus.Suspended) || row.Handle() is not { } sandbox || !parts.Driver.IsAlive(sandbox))
        {
            throw SessionErrors.NotRunning(reader.ToSession(row));
        }
        return (SessionHome.In(parts.Images.Get(row.ImageId), sandbox.IsHomeCovered), sandbox);
    }
}
