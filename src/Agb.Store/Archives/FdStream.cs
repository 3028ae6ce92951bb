using Microsoft.Win32.SafeHandles;

namespace Agb.Store;

/// <summary>Reads and writes open files as streams. The descriptor stays the caller's to close.</summary>
internal static class FdStream
{
    private const int BufferSize = 128 * 1024;

    internal static FileStream OpenRead(Fd file, int bufferSize = BufferSize) => Open(file, FileAccess.Read, bufferSize);

    internal static FileStream OpenWrite(Fd file, int bufferSize = BufferSize) => Open(file, FileAccess.Write, bufferSize);

    private static FileStream Open(Fd file, FileAccess access, int bufferSize) =>
        new(new SafeFileHandle(file.Number, ownsHandle: false), access, bufferSize, isAsync: false);
}
