namespace Agb.PowerShell.TestService;

/// <summary>Writes the lines of commands to whoever asked for them, and counts them.</summary>
internal sealed class MemoryLines
{
    private int _written;

    /// <summary>How many were written.</summary>
    public int Written => _written;

    /// <summary>Writes a line, waiting for room.</summary>
    public async Task WriteAsync(
        AgbCommandRequest request, AgbSession session, int number, string text, CancellationToken cancellationToken)
    {
        if (request.Lines is { } lines)
        {
            await lines.WriteAsync(
                new AgbCommandOutput { SessionId = session.SessionId, Number = number, Text = text, Service = session.Service },
                cancellationToken);
            Interlocked.Increment(ref _written);
        }
    }
}
