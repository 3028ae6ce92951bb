namespace Agb.Engine;

/// <summary>Handles the output of running code: forwards it at once, keeps its beginning, and extracts the runner's answer after
/// the mark in stdout.</summary>
internal sealed class CodeOutput : IProcessOutput, IDisposable
{
    private readonly byte[] _mark;
    private readonly ChannelOutput<AgbCodeEvent>? _outlet;
    private readonly Decoder _stdoutDecoder = Encoding.UTF8.GetDecoder();
    private readonly Decoder _stderrDecoder = Encoding.UTF8.GetDecoder();
    private readonly MemoryStream _held = new();
    private readonly MemoryStream _answer = new();
    private readonly StringBuilder _stdout = new();
    private readonly StringBuilder _stderr = new();
    private readonly ProcessDescriptor _never = ProcessDescriptor.Event();
    private bool _isMarked;

    /// <summary>Creates the output of one run.</summary>
    /// <param name="mark">The mark before the answer.</param>
    /// <param name="events">Gets output at once, or null.</param>
    internal CodeOutput(byte[] mark, ChannelWriter<AgbCodeEvent>? events)
    {
        _mark = mark;
        _outlet = events is null ? null : new ChannelOutput<AgbCodeEvent>(events);
    }

    /// <inheritdoc/>
    public bool IsFull => _outlet is { IsFull: true };

    /// <inheritdoc/>
    public ProcessDescriptor Room => _outlet?.Room ?? _never;

    /// <summary>The beginning of stdout.</summary>
    internal string Stdout => _stdout.ToString();

    /// <summary>The beginning of stderr.</summary>
    internal string Stderr => _stderr.ToString();

    /// <summary>Whether the results are too large to keep in memory.</summary>
    internal bool IsTooLarge { get; private set; }

    /// <summary>The runner's answer; null if there is none.</summary>
    internal CodeAnswer? Answer => _isMarked && !IsTooLarge ? CodeAnswer.Read(_answer.GetBuffer().AsSpan(0, (int)_answer.Length)) : null;

    /// <inheritdoc/>
    public void Take(bool isStderr, ReadOnlySpan<byte> bytes)
    {
        if (isStderr)
        {
            Write(AgbOutputStream.Stderr, bytes, isLast: false);
        }
        else if (_isMarked)
        {
            TakeAnswer(bytes);
        }
        else
        {
            TakeStdout(bytes);
        }
        _outlet?.Settle();
    }

    /// <inheritdoc/>
    public void Resume() => _outlet?.Resume();

    /// <summary>Sends the remaining output and the results after the end of the run, waiting for room.</summary>
    internal async Task CompleteAsync(IEnumerable<AgbCodeOutput> results, CancellationToken cancellationToken)
    {
        Write(AgbOutputStream.Stdout, _isMarked ? [] : Held(), isLast: true);
        Write(AgbOutputStream.Stderr, [], isLast: true);
        foreach (var result in results)
        {
            _outlet?.Hand(new AgbCodeEvent { Result = result });
        }
        if (_outlet is not null)
        {
            await _outlet.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _outlet?.Dispose();
        _never.Dispose();
    }

    private ReadOnlySpan<byte> Held() => _held.GetBuffer().AsSpan(0, (int)_held.Length);

    /// <summary>Keeps the bytes after the mark, up to a limit: their number is up to the code, but the memory is shared with
    /// others.</summary>
    private void TakeAnswer(ReadOnlySpan<byte> bytes)
    {
        if (_answer.Length + bytes.Length > AgbCodeResult.MaxResultBytes)
        {
            IsTooLarge = true;
            _answer.SetLength(0);
            _answer.Capacity = 0;
        }
        else if (!IsTooLarge)
        {
            _answer.Write(bytes);
        }
    }

    /// <summary>Forwards the bytes before the mark. A possible start of the mark waits for the next bytes.</summary>
    private void TakeStdout(ReadOnlySpan<byte> bytes)
    {
        _held.Write(bytes);
        var held = Held();
        var at = held.IndexOf(_mark);
        if (at >= 0)
        {
            _isMarked = true;
            Write(AgbOutputStream.Stdout, held[..at], isLast: false);
            TakeAnswer(held[(at + _mark.Length)..]);
            return;
        }
        var keep = Math.Min(held.Length, _mark.Length - 1);
        while (keep > 0 && !held[^keep..].SequenceEqual(_mark.AsSpan(0, keep)))
        {
            keep--;
        }
        var rest = held[^keep..].ToArray();
        Write(AgbOutputStream.Stdout, held[..^keep], isLast: false);
        _held.SetLength(0);
        _held.Write(rest);
    }

    private void Write(AgbOutputStream stream, ReadOnlySpan<byte> bytes, bool isLast)
    {
        var isStdout = stream == AgbOutputStream.Stdout;
        var decoder = isStdout ? _stdoutDecoder : _stderrDecoder;
        var characters = new char[decoder.GetCharCount(bytes, isLast)];
        decoder.GetChars(bytes, characters, isLast);
        if (characters.Length == 0)
        {
            return;
        }
        var kept = isStdout ? _stdout : _stderr;
        var room = Math.Min(characters.Length, AgbCommandRequest.DefaultMaxOutputBytes - kept.Length);
        // Surrogate pairs are not split.
        kept.Append(characters, 0, room > 0 && room < characters.Length && char.IsHighSurrogate(characters[room - 1]) ? room - 1 : room);
        _outlet?.Hand(new AgbCodeEvent { Stream = stream, Text = new string(characters) });
    }
}
