namespace Agb.Engine;

/// <summary>Sends the output lines of a command to the caller's channel.</summary>
internal sealed class CommandLines : IProcessOutput, IDisposable
{
    private readonly string _sessionId;
    private readonly IAgbService _service;
    private readonly TimeProvider _time;
    private readonly ChannelOutput<AgbCommandOutput> _outlet;
    private readonly LineSplitter _stdout;
    private readonly LineSplitter _stderr;
    private readonly Dictionary<AgbOutputStream, long> _numbers = [];

    /// <summary>Creates the output of one command.</summary>
    public CommandLines(string sessionId, IAgbService service, ChannelWriter<AgbCommandOutput> writer, TimeProvider time)
    {
        _sessionId = sessionId;
        _service = service;
        _time = time;
        _outlet = new ChannelOutput<AgbCommandOutput>(writer);
        _stdout = new LineSplitter((text, isPartial) => Hand(AgbOutputStream.Stdout, text, isPartial));
        _stderr = new LineSplitter((text, isPartial) => Hand(AgbOutputStream.Stderr, text, isPartial));
    }

    /// <inheritdoc/>
    public bool IsFull => _outlet.IsFull;

    /// <inheritdoc/>
    public ProcessDescriptor Room => _outlet.Room;

    /// <inheritdoc/>
    public void Take(bool isStderr, ReadOnlySpan<byte> bytes)
    {
        (isStderr ? _stderr : _stdout).Take(bytes);
        _outlet.Settle();
    }

    /// <inheritdoc/>
    public void Resume() => _outlet.Resume();

    /// <summary>Sends the remaining lines after the end of the command, waiting for room.</summary>
    public Task CompleteAsync(CancellationToken cancellationToken)
    {
        _stdout.Complete();
        _stderr.Complete();
        return _outlet.CompleteAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _outlet.Dispose();

    private void Hand(AgbOutputStream stream, string text, bool isPartial)
    {
        var number = _numbers.GetValueOrDefault(stream, 1);
        _numbers[stream] = isPartial ? number : number + 1;
        _outlet.Hand(new AgbCommandOutput
        {
            Service = _service,
            SessionId = _sessionId,
            Stream = stream,
            Number = number,
            Text = text,
            IsPartial = isPartial,
            Time = _time.GetUtcNow(),
        });
    }
}
