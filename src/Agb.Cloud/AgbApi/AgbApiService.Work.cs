namespace Agb.Cloud;

/// <content>Commands, code and syncs.</content>
internal sealed partial class AgbApiService
{
    // The exit code of shells for a killed program (128 and SIGKILL, bash(1)); the API does not report signals.
    private const int Killed = 137;

    public async Task<AgbCommandResult> RunCommandAsync(
        SessionId sessionId, AgbCommandRequest request, CancellationToken cancellationToken = default)
    {
        if (request.Input is not null || request.Output is not null)
        {
            throw AgbErrors.NotSupported(_owner.Name, request.Input is null ? "the output of commands as bytes" : "input for commands");
        }
        var command = ShellText.WithArguments(request.Command, request.Arguments);
        if (Encoding.UTF8.GetByteCount(command) > AgbCommandRequest.MaxCommandBytes)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidCommand,
                $"The command and its arguments have more than {AgbCommandRequest.MaxCommandBytes} bytes together, the limit of the service '{_owner.Name}'.",
                "Put them into a file of a context.");
        }
        var arguments = new ShellArguments
        {
            Command = command,
            TimeoutMs = (long)Math.Ceiling(request.Timeout.TotalMilliseconds),
            Cwd = request.WorkingDirectory,
            Envs = request.Environment.Count == 0 ? null : request.Environment,
        };
        var began = _api.Time.GetTimestamp();
        var reply = await _tools.CallAsync(
            sessionId, ShellArguments.ToolName, arguments, WireJson.Default.ShellArguments, request.Timeout, cancellationToken).ConfigureAwait(false);
        var duration = _api.Time.GetElapsedTime(began);
        var answer = ShellReply.Read(reply) ?? (duration >= request.Timeout
            ? new ShellReply(Killed, "", reply.Text)
            : throw ToolFailed(ShellArguments.ToolName, reply));
        await WriteLinesAsync(sessionId, request, answer, cancellationToken).ConfigureAwait(false);
        var (stdout, isStdoutCut) = Cut(answer.Stdout, request.MaxOutputBytes);
        var (stderr, isStderrCut) = Cut(answer.Stderr, request.MaxOutputBytes);
        return new AgbCommandResult
        {
            Service = _owner,
            SessionId = sessionId,
            Command = request.Command,
            ExitCode = answer.ExitCode,
            TimedOut = answer.ExitCode != 0 && duration >= request.Timeout,
            Duration = duration,
            StdoutTruncated = isStdoutCut,
            StderrTruncated = isStderrCut,
        }.WithOutput(stdout, stderr);
    }

    public async Task<AgbCodeResult> RunCodeAsync(SessionId sessionId, AgbCodeRequest request, CancellationToken cancellationToken = default)
    {
        if (request.Events is not null)
        {
            var route = await _sessions.RouteAsync(sessionId, cancellationToken).ConfigureAwait(false);
            if (route is { Socket: not null, Token: not null })
            {
                return await new CodeSocket(_api, _owner, sessionId, route).RunAsync(request, cancellationToken).ConfigureAwait(false);
            }
        }
        var arguments = new CodeToolArguments
        {
            Code = request.Code,
            Language = CodeLanguages.From(request.Language),
            TimeoutS = Math.Ceiling(request.Timeout.TotalSeconds),
        };
        var began = _api.Time.GetTimestamp();
        var reply = await _tools.CallAsync(
            sessionId, CodeToolArguments.ToolName, arguments, WireJson.Default.CodeToolArguments, request.Timeout, cancellationToken).ConfigureAwait(false);
        var duration = _api.Time.GetElapsedTime(began);
        var result = CodeReplyReader.Read(reply, sessionId, request.Language, _owner);
        result = result with
        {
            Duration = result.Duration > TimeSpan.Zero ? result.Duration : duration,
            TimedOut = result.Error is not null && duration >= request.Timeout,
        };
        await WriteEventsAsync(request, result, cancellationToken).ConfigureAwait(false);
        return result;
    }

    public Task<IReadOnlyList<AgbSyncStatus>> StartSyncAsync(
        SessionId sessionId, AgbSyncRequest request, CancellationToken cancellationToken = default) =>
        _syncs.StartAsync(sessionId, request, cancellationToken);

    public Task<IReadOnlyList<AgbSyncStatus>> GetSyncStatusAsync(
        SessionId sessionId, ContextId? contextId = null, string? path = null, AgbSyncTaskType? taskType = null,
        CancellationToken cancellationToken = default) =>
        _syncs.StatusAsync(sessionId, contextId, path is null ? null : LinuxPath.Normalize(path), taskType, cancellationToken);

    public Task<IReadOnlyList<AgbSyncStatus>> WaitSyncAsync(
        SessionId sessionId, TimeSpan timeout, ContextId? contextId = null, string? path = null,
        CancellationToken cancellationToken = default) =>
        _syncs.WaitAsync(sessionId, timeout, contextId, path is null ? null : LinuxPath.Normalize(path), cancellationToken);

    /// <summary>The error of a failed tool: the full one from an Agb server, else one with the tool's text.</summary>
    internal static AgbServiceException ToolFailed(string tool, ToolReply reply) => reply.Error?.ToException(reply.RequestId) is { } error
        ? CloudErrors.Shown(error, reply.RequestId)
        : new AgbServiceException(
            AgbErrorIds.ServiceRefused, AgbErrorKind.Failed, $"The tool '{tool}' failed: {(reply.Text.Length > 0 ? reply.Text : "it gave no reason")}")
        {
            RequestId = reply.RequestId,
        };

    // The API has no output while a command runs, so the lines come at its end.
    private async Task WriteLinesAsync(SessionId sessionId, AgbCommandRequest request, ShellReply answer, CancellationToken cancellationToken)
    {
        if (request.Lines is not { } lines)
        {
            return;
        }
        foreach (var line in OutputLines.Split(sessionId, AgbOutputStream.Stdout, answer.Stdout, _owner, _api.Time.GetUtcNow())
            .Concat(OutputLines.Split(sessionId, AgbOutputStream.Stderr, answer.Stderr, _owner, _api.Time.GetUtcNow())))
        {
            await lines.OfferAsync(line, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task WriteEventsAsync(AgbCodeRequest request, AgbCodeResult result, CancellationToken cancellationToken)
    {
        if (request.Events is not { } events)
        {
            return;
        }
        if (result.Stdout.Length > 0)
        {
            await events.OfferAsync(new AgbCodeEvent { Stream = AgbOutputStream.Stdout, Text = result.Stdout }, cancellationToken).ConfigureAwait(false);
        }
        if (result.Stderr.Length > 0)
        {
            await events.OfferAsync(new AgbCodeEvent { Stream = AgbOutputStream.Stderr, Text = result.Stderr }, cancellationToken).ConfigureAwait(false);
        }
        foreach (var shown in result.Results)
        {
            await events.OfferAsync(new AgbCodeEvent { Result = shown }, cancellationToken).ConfigureAwait(false);
        }
    }

    private static (byte[] Bytes, bool IsCut) Cut(string text, int most)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length <= most ? (bytes, false) : (bytes[..most], true);
    }
}
