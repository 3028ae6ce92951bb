using System.Net.Sockets;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>A socket that can't be made says nothing about its port.</summary>
public sealed class ExhaustionTests
{
    [Theory]
    [InlineData(SocketError.TooManyOpenSockets, true)]
    [InlineData(SocketError.NoBufferSpaceAvailable, true)]
    [InlineData(SocketError.ConnectionRefused, false)]
    public void Sockets_need_descriptors_and_memory(SocketError error, bool isExhausted) =>
        Exhaustion.Is(new SocketException((int)error)).ShouldBe(isExhausted);
}
