# The inference server on a GPU of any maker, through WebGPU on Vulkan. From the root of the repository:
#   docker build -f gpu-backend/gpu.Dockerfile -t bark-backend .
#   docker run -p 9090:9090 -e BACKEND_TOKEN="$(openssl rand -hex 32)" --gpus all bark-backend      NVIDIA, with its container toolkit
#   docker run -p 9090:9090 -e BACKEND_TOKEN="$(openssl rand -hex 32)" --device /dev/dri bark-backend      AMD, Intel
FROM node:24-trixie-slim
# the loader, the drivers of AMD and Intel and one in software; NVIDIA's comes from the host with its toolkit
RUN apt-get update \
  && apt-get install -y --no-install-recommends libvulkan1 mesa-vulkan-drivers libegl1 \
  && rm -rf /var/lib/apt/lists/*
# Vulkan is graphics, which the toolkit leaves out unless asked
ENV NVIDIA_DRIVER_CAPABILITIES=compute,graphics,utility
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm install --omit=dev --workspaces=false --no-audit --no-fund
COPY shared shared
COPY models models
COPY gpu-backend gpu-backend
ENV BACKEND_DEVICE=webgpu BACKEND_HOST=0.0.0.0 BACKEND_PORT=9090
EXPOSE 9090
USER node
HEALTHCHECK --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:9090/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "gpu-backend/main.ts"]
