namespace Agb.Server;

/// <summary>A tool whose failures are answers: invalid arguments, or problems with the named objects.</summary>
internal abstract class SessionTool : Tool
{
    /// <inheritdoc/>
    internal sealed override async Task<ToolResult> CallAsync(ToolCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ToolArgumentException or ToolFailedException)
        {
            return new ToolResult(e.Message, IsError: true);
        }
        catch (AgbException e) when (e.ErrorId is not (
            AgbErrorIds.SessionNotFound or AgbErrorIds.SessionNotRunning or AgbErrorIds.SessionExpired or AgbErrorIds.SessionStartFailed))
        {
            return new ToolResult(e.Remedy is { } advice ? $"{e.Message} {advice}" : e.Message, IsError: true) { Error = e };
        }
    }

    /// <summary>Does the work.</summary>
    private protected abstract Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken);
}
