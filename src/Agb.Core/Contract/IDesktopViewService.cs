namespace Agb;

/// <summary>Optional part of an <see cref="IAgbService"/> with sessions on its host: live views of desktops for other clients, in the
/// RFB protocol of VNC (RFC 6143). A service without this interface lacks the ability.</summary>
public interface IDesktopViewService
{
    /// <summary>Opens a view of a session's desktop. The session is in use until the view is disposed.</summary>
    /// <exception cref="AgbException">SessionNotFound, SessionNotRunning, SessionExpired, DesktopFailed, and NotSupported for an image
    /// without a desktop.</exception>
    Task<IAgbDesktopView> OpenDesktopViewAsync(
        SessionId sessionId, AgbDesktopViewMode mode, CancellationToken cancellationToken = default);
}

/// <summary>A view of a desktop: the client's end of a connection in the RFB protocol. Reading and writing may run in parallel, each
/// with one caller.</summary>
public interface IAgbDesktopView : IAsyncDisposable
{
    /// <summary>Reads bytes of the desktop.</summary>
    /// <returns>The number of bytes; 0 after the end of the desktop or its session.</returns>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Sends bytes of the viewer. After the end of the desktop they are dropped.</summary>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default);
}

/// <summary>The rights of a viewer.</summary>
public enum AgbDesktopViewMode
{
    /// <summary>To see the desktop, and to use its mouse and keyboard.</summary>
    Control,

    /// <summary>To see the desktop.</summary>
    ViewOnly,
}
