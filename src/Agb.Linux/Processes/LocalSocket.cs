using System.Text;

namespace Agb.Linux;

/// <summary>Sockets of this host that carry messages with descriptors (unix(7), SOCK_SEQPACKET).</summary>
internal static unsafe class LocalSocket
{
    /// <summary>Makes a listening socket with a name, usable by this user alone.</summary>
    /// <param name="directory">The directory of the name.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="IOException">The call failed; HResult is the errno.</exception>
    public static ProcessDescriptor Listen(string directory, string name)
    {
        const int Waiting = 128;
        var socket = New();
        try
        {
            using var place = OpenDirectory(directory);
            var address = AddressOf(place, name);
            if (SocketLibc.Bind(socket.Number, &address, (uint)sizeof(SocketLibc.Address)) != 0)
            {
                throw ProcessLibc.Error("bind");
            }
            // No client can connect before the next call.
            ProcessFiles.SetMode(Path.Combine(directory, name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return SocketLibc.Listen(socket.Number, Waiting) == 0 ? socket : throw ProcessLibc.Error("listen");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects to a named socket.</summary>
    /// <exception cref="IOException">ECONNREFUSED, ENOENT: its owner is gone; HResult is the errno.</exception>
    public static ProcessDescriptor Connect(string directory, string name)
    {
        using var place = OpenDirectory(directory);
        var socket = New();
        var address = AddressOf(place, name);
        int result;
        do
        {
            result = SocketLibc.Connect(socket.Number, &address, (uint)sizeof(SocketLibc.Address));
        }
        while (result != 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        if (result == 0)
        {
            return socket;
        }
        var error = ProcessLibc.Error("connect");
        socket.Dispose();
        throw error;
    }

    /// <summary>Sends one byte with descriptors.</summary>
    public static void Send(ProcessDescriptor socket, params ReadOnlySpan<SafeHandle> descriptors)
    {
        var control = new SocketLibc.Control
        {
            Length = (nuint)(SocketLibc.Control.HeaderBytes + (descriptors.Length * sizeof(int))),
            Level = SocketLibc.SOL_SOCKET,
            Type = SocketLibc.SCM_RIGHTS,
        };
        for (var i = 0; i < descriptors.Length; i++)
        {
            control.Descriptors[i] = (int)descriptors[i].DangerousGetHandle();
        }
        byte one = 1;
        var part = new SocketLibc.Part { Bytes = &one, Length = 1 };
        var message = new SocketLibc.Message { Parts = &part, PartCount = 1, Control = &control, ControlLength = control.Length };
        nint sent;
        do
        {
            sent = SocketLibc.Send(socket.Number, &message, SocketLibc.MSG_NOSIGNAL);
        }
        while (sent < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        if (sent < 0)
        {
            throw ProcessLibc.Error("sendmsg");
        }
    }

    /// <summary>Receives a message, and a descriptor if one comes with it.</summary>
    /// <returns>The number of bytes; 0 after the other side's end.</returns>
    public static int Receive(ProcessDescriptor socket, Span<byte> bytes, out ProcessDescriptor? descriptor)
    {
        descriptor = null;
        SocketLibc.Control control = default;
        fixed (byte* start = bytes)
        {
            var part = new SocketLibc.Part { Bytes = start, Length = (nuint)bytes.Length };
            var message = new SocketLibc.Message { Parts = &part, PartCount = 1, Control = &control, ControlLength = (nuint)sizeof(SocketLibc.Control) };
            nint count;
            do
            {
                count = SocketLibc.Receive(socket.Number, &message, SocketLibc.MSG_CMSG_CLOEXEC);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
            if (count < 0)
            {
                throw ProcessLibc.Error("recvmsg");
            }
            if (message.ControlLength >= SocketLibc.Control.HeaderBytes + sizeof(int) && control.Type == SocketLibc.SCM_RIGHTS)
            {
                descriptor = ProcessDescriptor.Own(control.Descriptors[0], "recvmsg");
            }
            return (int)count;
        }
    }

    /// <summary>Makes a file in memory with a content.</summary>
    public static ProcessDescriptor Memory(ReadOnlySpan<byte> content)
    {
        var memory = ProcessDescriptor.Own(SocketLibc.CreateMemory("request", SocketLibc.MFD_CLOEXEC), "memfd_create");
        fixed (byte* start = content)
        {
            for (var written = 0; written < content.Length;)
            {
                var count = ProcessLibc.Write(memory.Number, start + written, content.Length - written);
                if (count <= 0)
                {
                    var error = ProcessLibc.Error("write to a file in memory");
                    memory.Dispose();
                    throw error;
                }
                written += (int)count;
            }
        }
        return memory;
    }

    private static ProcessDescriptor New() =>
        ProcessDescriptor.Own(SocketLibc.Socket(SocketLibc.AF_UNIX, SocketLibc.SOCK_SEQPACKET | SocketLibc.SOCK_CLOEXEC, 0), "socket");

    private static ProcessDescriptor OpenDirectory(string path) =>
        ProcessDescriptor.Own(Posix.OpenAt(Posix.AT_FDCWD, BytePath.Z(BytePath.FromText(path)), Posix.O_PATH | Posix.O_DIRECTORY | Posix.O_CLOEXEC, 0), "open");

    // By the directory's number: a path may be longer than an address.
    private static SocketLibc.Address AddressOf(ProcessDescriptor directory, string name)
    {
        var address = new SocketLibc.Address { Family = SocketLibc.AF_UNIX };
        var path = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/self/fd/{directory.Number}/{name}");
        Encoding.UTF8.GetBytes(path, new Span<byte>(address.Path, SocketLibc.Address.PathBytes - 1));
        return address;
    }
}
