using System.Text;
using System.Threading.Channels;

namespace Agb.Server.Tests.Support;

/// <summary>Shows what is typed, and each size; <c>x</c> ends it.</summary>
internal sealed class EchoTerminal(AgbTerminalSize size) : IAgbTerminal
{
    private readonly Channel<byte[]> _shown = Channel.CreateUnbounded<byte[]>();
    private readonly TaskCompletionSource<int> _exit = new();

    private readonly TaskCompletionSource _closed = new();

    /// <summary>Ends when it is disposed.</summary>
    internal Task Closed => _closed.Task;

    public Task<int> ExitCode => _exit.Task;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!await _shown.Reader.WaitToReadAsync(cancellationToken) || !_shown.Reader.TryRead(out var bytes))
        {
            return 0;
        }
        bytes.CopyTo(buffer);
        return bytes.Length;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> typed, CancellationToken cancellationToken = default)
    {
        if (typed.Span is [(byte)'x'])
        {
            _shown.Writer.TryComplete();
            _exit.TrySetResult(7);
            return default;
        }
        return _shown.Writer.WriteAsync([.. Encoding.ASCII.GetBytes($"{size.Columns}x{size.Rows}:"), .. typed.Span], cancellationToken);
    }

    public ValueTask ResizeAsync(AgbTerminalSize other, CancellationToken cancellationToken = default)
    {
        size = other;
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _closed.TrySetResult();
        return default;
    }
}
