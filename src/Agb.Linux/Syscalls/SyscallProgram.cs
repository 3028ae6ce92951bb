using System.Text;

namespace Agb.Linux;

/// <summary>System calls one after the other, in a thread or in a program with a single thread. A call can take the result of an earlier
/// one. The descriptors of the calls are closed at the end.</summary>
internal sealed class SyscallProgram
{
    private readonly List<Step> _steps = [];

    private readonly List<SafeHandle> _handles = [];

    /// <summary>The descriptors of this process in the calls. Another program gets them from <see cref="FirstHandle"/> on.</summary>
    internal IReadOnlyList<SafeHandle> Handles => _handles;

    /// <summary>The first number of a descriptor in another program.</summary>
    internal const int FirstHandle = 3;

    /// <summary>An argument of a call.</summary>
    internal readonly record struct Argument
    {
        internal char Kind { get; private init; }

        internal nint Number { get; private init; }

        internal byte[]? Bytes { get; private init; }

        internal SafeHandle? Handle { get; private init; }

        /// <summary>The result of a call.</summary>
        /// <param name="step">The call, as returned by <see cref="Add"/>.</param>
        internal static Argument ResultOf(int step) => new() { Kind = 'r', Number = step };

        /// <summary>A structure.</summary>
        internal static Argument Of(byte[] structure) => new() { Kind = 'x', Bytes = structure };

        /// <summary>A number.</summary>
        public static implicit operator Argument(int number) => new() { Kind = 'n', Number = number };

        /// <summary>A path or another text, ended by a 0.</summary>
        public static implicit operator Argument(string text) => Of([.. Encoding.UTF8.GetBytes(text), 0]);

        /// <summary>A descriptor of this process; the caller keeps it open.</summary>
        public static implicit operator Argument(SafeHandle handle) => new() { Kind = 'n', Handle = handle };
    }

    /// <summary>A failed call.</summary>
    /// <param name="Call">Its name.</param>
    /// <param name="About">The subject of the call.</param>
    /// <param name="Errno">The error.</param>
    internal sealed record Failure(string Call, string About, int Errno)
    {
        /// <summary>The failure in words.</summary>
        internal string Message => $"{Call} {About}: {Marshal.GetPInvokeErrorMessage(Errno)}";
    }

    /// <summary>Adds a call.</summary>
    /// <param name="call">The call, with its number.</param>
    /// <param name="about">The subject, for messages.</param>
    /// <param name="arguments">At most five arguments.</param>
    /// <returns>The number of the step.</returns>
    internal int Add(SyscallNumber call, string about, params ReadOnlySpan<Argument> arguments)
    {
        foreach (var argument in arguments)
        {
            if (argument.Handle is { } handle && !_handles.Contains(handle))
            {
                _handles.Add(handle);
            }
        }
        _steps.Add(new(call, about, arguments.ToArray(), []));
        return _steps.Count - 1;
    }

    /// <summary>Lets the last added call fail with these errors.</summary>
    internal void Tolerate(params int[] errors) => _steps[^1] = _steps[^1] with { Tolerated = errors };

    /// <summary>Runs the calls in this thread, a <see cref="SpawnThread"/> if they change it.</summary>
    /// <returns>The failed call, or null.</returns>
    internal Failure? Run()
    {
        var results = new nint[_steps.Count];
        Array.Fill(results, -1);
        try
        {
            for (var i = 0; i < _steps.Count; i++)
            {
                results[i] = _steps[i].Call(results);
                if (results[i] == -1 && Marshal.GetLastPInvokeError() is var errno && !_steps[i].Tolerated.Contains(errno))
                {
                    return FailureOf(i, errno);
                }
            }
            return null;
        }
        finally
        {
            for (var i = 0; i < _steps.Count; i++)
            {
                if (_steps[i].Number.IsDescriptor && results[i] >= 0)
                {
                    _ = Posix.Close((int)results[i]);
                }
            }
        }
    }

    /// <summary>The calls as words for another program: for each call its number, tolerated errors and arguments, and a dot.</summary>
    internal IEnumerable<string> ToWords() => _steps.SelectMany(s => (IEnumerable<string>)
    [
        s.Number.Value.ToString(CultureInfo.InvariantCulture), string.Join(',', s.Tolerated), .. s.Arguments.Select(ToWord), ".",
    ]);

    private string ToWord(Argument argument) => argument switch
    {
        { Bytes: { } bytes } => "x" + Convert.ToHexStringLower(bytes),
        { Handle: { } handle } => string.Create(CultureInfo.InvariantCulture, $"n{FirstHandle + _handles.IndexOf(handle)}"),
        var number => string.Create(CultureInfo.InvariantCulture, $"{number.Kind}{number.Number}"),
    };

    /// <summary>The failure of a step in another program.</summary>
    internal Failure FailureOf(int step, int errno) => new(_steps[step].Number.Name, _steps[step].About, errno);

    private sealed record Step(SyscallNumber Number, string About, Argument[] Arguments, int[] Tolerated)
    {
        internal nint Call(nint[] results)
        {
            var values = new nint[5];
            var pins = new List<GCHandle>();
            try
            {
                for (var i = 0; i < Arguments.Length; i++)
                {
                    values[i] = Arguments[i] switch
                    {
                        { Kind: 'r' } result => results[result.Number],
                        { Bytes: { } bytes } => Pin(bytes),
                        { Handle: { } handle } => handle.DangerousGetHandle(),
                        var number => number.Number,
                    };
                }
                return Posix.Syscall(Number.Value, values[0], values[1], values[2], values[3], values[4]);
            }
            finally
            {
                pins.ForEach(p => p.Free());
            }

            nint Pin(byte[] bytes)
            {
                pins.Add(GCHandle.Alloc(bytes, GCHandleType.Pinned));
                return pins[^1].AddrOfPinnedObject();
            }
        }
    }
}
